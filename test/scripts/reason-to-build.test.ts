import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { reasonToBuild } from '../../scripts/reason-to-build.ts';
import { temporaryHome } from '../support/home.ts';

const FILES = ['src/main.ts', 'src/cli/deep/run.ts', 'src/cli/graphql/gql.ts', 'schema.graphql', 'package.json'];
const FOLDERS = ['src', 'src/cli', 'src/cli/deep', 'src/cli/graphql'];
const BUILT_AT = 1_700_000_000;

let root: string;
const write = (path: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), '');
};
const setTime = (path: string, seconds: number) => {
  utimesSync(join(root, path), seconds, seconds);
};

beforeEach(() => {
  root = temporaryHome();
  for (const path of [...FILES, 'dist/monitor/index.html']) write(path);
  for (const path of [...FILES, ...FOLDERS]) setTime(path, BUILT_AT - 100);
  setTime('dist/monitor/index.html', BUILT_AT);
});

test('a build that is newer than all of its inputs is up to date, and files that it generates do not count', () => {
  expect(reasonToBuild(root)).toBeNull();
  setTime('src/cli/graphql/gql.ts', BUILT_AT + 100);
  expect(reasonToBuild(root)).toBeNull();
});

test.each(['src/cli/deep/run.ts', 'schema.graphql', 'package.json'])('a newer %s is a reason to build', (path) => {
  setTime(path, BUILT_AT + 100);
  expect(reasonToBuild(root)).toBe(`${path} is newer than dist/`);
});

test('a deleted source file is a reason to build', () => {
  rmSync(join(root, 'src/cli/deep/run.ts'));
  expect(reasonToBuild(root)).toBe('src/cli/deep is newer than dist/');
});

test('a checkout that was never built, or whose build did not end, has to be built', () => {
  rmSync(join(root, 'dist/monitor/index.html'));
  expect(reasonToBuild(root)).toBe('dist/ is not built yet');
});
