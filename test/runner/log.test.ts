import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLog } from '../../src/runner/history/log.ts';
import { temporaryHome } from '../support/home.ts';

const line = (text: string, stream = 'stdout', tag = 'F') => `2026-01-02T03:04:05.678901Z ${stream} ${tag} ${text}\n`;
const texts = (page: { lines: readonly { text: string }[] }) => page.lines.map(({ text }) => text);

test('gives the newest lines, then what came since', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, Array.from({ length: 20_000 }, (_, index) => line(`line ${index}`)).join(''));
  const page = await readLog(path, { last: 3 });
  expect(texts(page)).toEqual(['line 19997', 'line 19998', 'line 19999']);
  expect(page.lines[0]).toMatchObject({ stream: 'STDOUT', at: Date.parse('2026-01-02T03:04:05.678Z') });
  expect(texts(await readLog(path, { after: page.cursor }))).toEqual([]);
  appendFileSync(path, line('new', 'stderr') + line('newer'));
  const next = await readLog(path, { after: page.cursor, last: 1 });
  expect(next.lines).toMatchObject([{ text: 'new', stream: 'STDERR' }]);
  expect(texts(await readLog(path, { after: next.cursor }))).toEqual(['newer']);
});

test('a torn last line waits for its rest', async () => {
  const path = join(temporaryHome(), 'log');
  const torn = line('whole') + line('torn').slice(0, -3);
  writeFileSync(path, torn);
  const page = await readLog(path, {});
  expect(texts(page)).toEqual(['whole']);
  writeFileSync(path, torn + 'rn\n');
  expect(texts(await readLog(path, { after: page.cursor }))).toEqual(['torn']);
});

test('joins the parts of a cut line, each stream for itself', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, line('a', 'stdout', 'P') + line('x', 'stderr') + line('b', 'stdout', 'P') + line('c'));
  expect(texts(await readLog(path, {}))).toEqual(['x', 'abc']);
});

test('shows a line of unknown form as it stands', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, 'Traceback: something\n');
  expect((await readLog(path, {})).lines).toEqual([{ text: 'Traceback: something', stream: 'STDERR', at: 0 }]);
});

test('a missing file is an empty log', async () => {
  expect(texts(await readLog(join(temporaryHome(), 'none'), { last: 5 }))).toEqual([]);
});

test('refuses a cursor of something else', async () => {
  await expect(readLog('/dev/null', { after: 'bG9nOi0x' })).rejects.toThrow('after is not the cursor of a log page.');
});
