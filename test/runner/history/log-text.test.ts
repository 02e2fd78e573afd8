import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logText } from '../../../src/runner/history/log-text.ts';
import { temporaryHome } from '../../support/home.ts';

const record = (text: string, stream = 'stdout', tag = 'F') => `2026-01-02T03:04:05.678901Z ${stream} ${tag} ${text}\n`;

async function textOf(path: string): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of logText(path)) pieces.push(piece);
  return pieces.join('');
}

test('has what was printed, of both files, with long lines whole', async () => {
  const path = join(temporaryHome(), 'log');
  const long = 'é'.repeat(8_000);
  writeFileSync(path, record('\u001b[31mone\u001b[0m') + record(long, 'stdout', 'P').repeat(20));
  renameSync(path, `${path}.1`);
  writeFileSync(path, `${record('end')}${record('an error', 'stderr')}Traceback of the supervisor\n`);
  expect(await textOf(path)).toBe(
    `\u001b[31mone\u001b[0m\n${long.repeat(20)}end\nan error\nTraceback of the supervisor\n`,
  );
});

test('a line is not interrupted by the other stream', async () => {
  const path = join(temporaryHome(), 'log');
  const parts = [record('a', 'stdout', 'P'), record('x', 'stderr', 'P'), record('b', 'stdout', 'P')];
  writeFileSync(path, [...parts, record('y', 'stderr'), record('z', 'stderr'), record('c'), record('d')].join(''));
  expect(await textOf(path)).toBe('abc\nxy\nz\nd\n');
});

test('lines without an end are there, and the other stream does not wait without limit', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, record('a', 'stdout', 'P') + record('x', 'stderr', 'P'));
  expect(await textOf(path)).toBe('a\nx\n');
  writeFileSync(path, record('a', 'stdout', 'P') + record('x'.repeat(9999), 'stderr').repeat(200) + record('b'));
  const text = await textOf(path);
  expect(text.startsWith('a\nxxx')).toBe(true);
  expect(text.split('\n')).toHaveLength(203);
  expect(await textOf(join(path, '..', 'none'))).toBe('');
});
