import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { documentPages } from '../support/doc-blocks.ts';

/** Words that CONTRIBUTING.md rules out, in documents and in code: each has a plainer one. */
const ARCHAIC = new RegExp(
  String.raw`\b(${[
    'afresh|albeit|amongst|anew|hitherto|lest|mend(s|ed)?|midst|thereby|thereof|upon|whence|whilst',
    'nobody|somebody|whoever|told|hears? of|tells? of',
    'overrul(e|es|ed|ing)|chooses? nothing|chose nothing|telling (word|name)|(says|tells) of (it|them)?self',
    'as a rule|by turns|in vain|is said to be|no two|save for|short way',
  ].join('|')})\b`,
  'i',
);
/** Only in documents: in code, it can be about a duration. */
const AS_LONG_AS = /(?<!times )\bas long as\b/i;

const FOLDERS = ['src', 'python', 'scripts', 'bench', 'examples'];
const CODE = /\.(ts|tsx|js|css|html|py|sh)$/;

function archaicLines(path: string): string[] {
  const lines = readFileSync(join(REPOSITORY_ROOT, path), 'utf8').split('\n');
  return lines.flatMap((line, at) => (ARCHAIC.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : []));
}

/** The files with code of a folder, without those that tools generate or install. */
function codeFiles(folder: string): string[] {
  return readdirSync(join(REPOSITORY_ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && CODE.test(entry.name))
    .map((entry) => relative(REPOSITORY_ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !/node_modules|\.egg-info|\.venv/.test(path));
}

test.for(documentPages())('%s has no archaic words', (page) => {
  expect(archaicLines(page)).toEqual([]);
  expect(readFileSync(join(REPOSITORY_ROOT, page), 'utf8')).not.toMatch(AS_LONG_AS);
});

test.for(FOLDERS)('the code in %s has no archaic words', (folder) => {
  const files = codeFiles(folder);
  expect(files.length).toBeGreaterThan(5);
  expect(files.flatMap(archaicLines)).toEqual([]);
});
