import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLog } from '../../../src/runner/history/log.ts';
import { temporaryHome } from '../../support/home.ts';

const line = (text: string, stream = 'stdout', tag = 'F') => `2026-01-02T03:04:05.678901Z ${stream} ${tag} ${text}\n`;
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) =>
    line(`line ${from + index}`).replace('678901', `${100_000 + from + index}`),
  );
const texts = (page: { lines: readonly { text: string }[] }) => page.lines.map(({ text }) => text);

test('gives the newest lines, then the lines after the cursor', async () => {
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

test('an incomplete last line is left out until it is complete', async () => {
  const path = join(temporaryHome(), 'log');
  const torn = line('whole') + line('torn').slice(0, -3);
  writeFileSync(path, torn);
  const page = await readLog(path, {});
  expect(texts(page)).toEqual(['whole']);
  writeFileSync(path, torn + 'rn\n');
  expect(texts(await readLog(path, { after: page.cursor }))).toEqual(['torn']);
});

test('joins the parts of a split line, separately for each stream', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, line('a', 'stdout', 'P') + line('x', 'stderr') + line('b', 'stdout', 'P') + line('c'));
  expect(texts(await readLog(path, {}))).toEqual(['x', 'abc']);
});

test('shows a line in an unknown format unchanged', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, 'Traceback: something\n');
  expect((await readLog(path, {})).lines).toEqual([{ text: 'Traceback: something', stream: 'STDERR', at: 0 }]);
});

test('a missing file is an empty log', async () => {
  expect(texts(await readLog(join(temporaryHome(), 'none'), { last: 5 }))).toEqual([]);
});

test('an invalid cursor gives the newest lines with gap: true', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, lines(0, 4).join(''));
  const page = await readLog(path, { after: 'bG9nOi0x', last: 2 });
  expect(texts(page)).toEqual(['line 2', 'line 3']);
  expect(page.gap).toBe(true);
  expect((await readLog(path, { after: page.cursor })).gap).toBe(false);
});

test('removes terminal sequences and makes control characters visible', async () => {
  const path = join(temporaryHome(), 'log');
  const nasty = [
    '\x1b[31mred\x1b[0m',
    '\x1b]0;title\x07after',
    'bell\x07',
    'a\tb',
    'right\u202eto left',
    'c1\x9b31m',
    'del\x7f',
  ];
  writeFileSync(path, nasty.map((text) => line(text)).join(''));
  expect(texts(await readLog(path, {}))).toEqual([
    'red',
    'after',
    'bell␇',
    'a\tb',
    'right<U+202E>to left',
    'c1',
    'del␡',
  ]);
});

/** Rotates a log as its writer does when it is full. */
function rotate(path: string): void {
  renameSync(path, `${path}.1`);
}

test('pages continue across log rotation, without a gap or a repeat', async () => {
  const path = join(temporaryHome(), 'log');
  const seen: string[] = [];
  let written = 0;
  let cursor: string | undefined;
  for (const count of [5, 0, 1, 4000, 3, 2]) {
    if (written > 0) rotate(path);
    writeFileSync(path, lines(written, written + count).join(''));
    written += count;
    // Pages of 700 lines end in the middle of a file and at its end; the last page of each round is empty.
    for (;;) {
      const page = await readLog(path, {
        after: cursor ?? (await readLog(join(path, '..', 'none'), {})).cursor,
        last: 700,
      });
      cursor = page.cursor;
      seen.push(...texts(page));
      if (page.lines.length === 0) break;
    }
  }
  expect(seen).toEqual(Array.from({ length: written }, (_, index) => `line ${index}`));
});

test('a cursor continues in the renamed file, then in the new one', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, lines(0, 4).join(''));
  const { cursor } = await readLog(path, { last: 2 });
  appendFileSync(path, lines(4, 6).join(''));
  rotate(path);
  // Before the new file exists, and while it is empty.
  expect(texts(await readLog(path, { after: cursor }))).toEqual(['line 4', 'line 5']);
  writeFileSync(path, '');
  const page = await readLog(path, { after: cursor });
  expect(texts(page)).toEqual(['line 4', 'line 5']);
  appendFileSync(path, lines(6, 8).join(''));
  expect(texts(await readLog(path, { after: cursor, last: 3 }))).toEqual(['line 4', 'line 5', 'line 6']);
  expect(texts(await readLog(path, { after: page.cursor }))).toEqual(['line 6', 'line 7']);
});

test('takes the newest lines from both files, and joins split lines across them', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, lines(0, 3).join('') + line('first ', 'stdout', 'P'));
  rotate(path);
  writeFileSync(path, line('half') + lines(4, 5).join(''));
  expect(texts(await readLog(path, { last: 3 }))).toEqual(['line 2', 'first half', 'line 4']);
  expect(texts(await readLog(path, { last: 10 }))).toEqual(['line 0', 'line 1', 'line 2', 'first half', 'line 4']);
});

test('a cursor whose file was deleted continues at the oldest line that is left', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, lines(0, 3).join(''));
  const { cursor } = await readLog(path, {});
  for (const from of [3, 5]) {
    rotate(path);
    writeFileSync(path, lines(from, from + 2).join(''));
  }
  expect(texts(await readLog(path, { after: cursor }))).toEqual(['line 3', 'line 4', 'line 5', 'line 6']);
  rmSync(`${path}.1`);
  const page = await readLog(path, { after: cursor });
  expect(texts(page)).toEqual(['line 5', 'line 6']);
  expect(page.gap).toBe(true);
});

test('shows the incomplete last line of a rotated file', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, lines(0, 1).join('') + 'torn');
  const { cursor } = await readLog(path, {});
  rotate(path);
  writeFileSync(path, lines(1, 2).join(''));
  const page = await readLog(path, { after: cursor });
  expect(texts(page)).toEqual(['torn', 'line 1']);
  expect(texts(await readLog(path, { after: page.cursor }))).toEqual([]);
  expect(texts(await readLog(path, { last: 2 }))).toEqual(['torn', 'line 1']);
});

test('shows the parts of a line whose end is on the next page', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, lines(0, 1).join(''));
  const { cursor } = await readLog(path, {});
  appendFileSync(path, line('long', 'stdout', 'P') + line('er', 'stdout', 'P') + line(' line'));
  const page = await readLog(path, { after: cursor, last: 2 });
  expect(texts(page)).toEqual(['longer']);
  expect(texts(await readLog(path, { after: page.cursor }))).toEqual([' line']);
});

test('cuts a line that is too long, and limits the bytes of a page', async () => {
  const path = join(temporaryHome(), 'log');
  const part = 'x'.repeat(16_000);
  const long = line(part, 'stdout', 'P').repeat(20) + line('end');
  writeFileSync(path, long.repeat(10) + line('short'));
  const page = await readLog(path, {});
  expect(texts(page).at(-1)).toBe('short');
  expect(texts(page).at(-2)).toBe(`${'x'.repeat(65_536)} [line cut: 320003 characters]`);
  // Ten long lines are 3.2 MB.
  expect(page.lines.length).toBeLessThan(9);
  rotate(path);
  writeFileSync(path, long.repeat(5));
  expect((await readLog(path, {})).lines.length).toBeLessThan(9);
});
