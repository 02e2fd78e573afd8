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

test('leaves out the parts of a line until its end is there, and then shows it whole', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, lines(0, 1).join(''));
  const { cursor } = await readLog(path, {});
  appendFileSync(path, line('long', 'stdout', 'P') + line('error', 'stderr') + line('er', 'stdout', 'P'));
  const page = await readLog(path, { after: cursor });
  expect(texts(page)).toEqual(['error']);
  expect(texts(await readLog(path, {}))).toEqual(['line 0', 'error']);
  // Nothing more is written to the log of a job that has ended.
  expect(texts(await readLog(path, {}, { isOver: true }))).toEqual(['line 0', 'error', 'longer']);
  expect(texts(await readLog(path, { after: page.cursor }, { isOver: true }))).toEqual(['longer']);
  const waiting = await readLog(path, { after: page.cursor });
  expect(texts(waiting)).toEqual([]);
  rotate(path);
  writeFileSync(path, line(' line') + line('next'));
  for (const after of [cursor, page.cursor, waiting.cursor]) {
    expect(texts(await readLog(path, { after })).slice(-2)).toEqual(['longer line', 'next']);
  }
});

test('pages of one line continue inside lines that both streams write at once', async () => {
  const path = join(temporaryHome(), 'log');
  const records = [line('a', 'stdout', 'P'), line('x', 'stderr', 'P'), line('b'), line('y', 'stderr', 'P'), line('c')];
  writeFileSync(path, [...records, line('z', 'stderr'), line('d')].join(''));
  const seen: string[] = [];
  let cursor = (await readLog(join(path, '..', 'none'), {})).cursor;
  for (let left = 6; left > 0; left -= 1) {
    const page = await readLog(path, { after: cursor, last: 1 });
    seen.push(...texts(page));
    ({ cursor } = page);
  }
  expect(seen).toEqual(['ab', 'c', 'xyz', 'd']);
  expect(texts(await readLog(path, {}))).toEqual(seen);
});

test('pages go back to the first line, also across a rotation, without a gap or a repeat', async () => {
  const path = join(temporaryHome(), 'log');
  const long = line('x'.repeat(16_000), 'stdout', 'P').repeat(20) + line('end of a long line');
  writeFileSync(path, lines(0, 900).join('') + long + lines(900, 1000).join('') + line('half ', 'stdout', 'P'));
  rotate(path);
  writeFileSync(path, line('a line') + lines(1000, 1500).join(''));
  const whole = texts(await readLog(path, { last: 10_000 }));
  expect(whole).toHaveLength(1502);
  expect(whole[900]).toMatch(/^x{65536} \[line cut: 320018 characters\]$/);
  expect(whole[1001]).toBe('half a line');
  for (const last of [1, 7, 333]) {
    let page = await readLog(path, { last });
    const seen = texts(page);
    while (page.hasPreviousPage && seen.length < 2000) {
      page = await readLog(path, { last, before: page.startCursor });
      seen.unshift(...texts(page));
      expect(page.gap).toBe(false);
    }
    expect(seen).toEqual(whole);
    // A page that goes back ends where the next one starts.
    expect(texts(await readLog(path, { last: 2, after: page.cursor }))).toEqual(
      whole.slice(page.lines.length, page.lines.length + 2),
    );
  }
});

test('before a page whose file was deleted there is nothing, and only one cursor can be given', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, lines(0, 3).join(''));
  const { startCursor } = await readLog(path, { last: 1 });
  for (const from of [3, 5]) {
    rotate(path);
    writeFileSync(path, lines(from, from + 2).join(''));
  }
  expect(await readLog(path, { before: startCursor })).toMatchObject({ lines: [], gap: true, hasPreviousPage: false });
  expect(await readLog(path, { before: 'nonsense', last: 1 })).toMatchObject({
    lines: [{ text: 'line 6' }],
    gap: true,
  });
  await expect(readLog(path, { before: startCursor, after: startCursor })).rejects.toThrow('Give after or before');
});

test('a long line counts as one: 50 lines of 1 MB are 50 lines, each with its length', async () => {
  const path = join(temporaryHome(), 'log');
  const part = line('Z'.repeat(16_000), 'stdout', 'P').repeat(62);
  writeFileSync(path, lines(0, 3).join('') + Array.from({ length: 50 }, (_, n) => part + line(`end ${n}`)).join(''));
  const page = await readLog(path, { last: 50 });
  expect(page.lines).toHaveLength(50);
  expect(new Set(texts(page))).toEqual(
    new Set([5, 6].map((more) => `${'Z'.repeat(8192)} [line cut: ${992_000 + more} characters]`)),
  );
  expect(texts(await readLog(path, { last: 53 })).slice(0, 3)).toEqual(['line 0', 'line 1', 'line 2']);
  // The limit of a page is what keeps it from having more.
  expect((await readLog(path, { last: 20 })).lines[0]?.text).toMatch(/^Z{65536} \[/);
});

test('a page has at most 2 MiB, and a file without line endings costs no more', async () => {
  const path = join(temporaryHome(), 'log');
  writeFileSync(path, line('x'.repeat(15_000)).repeat(400));
  const page = await readLog(path, { last: 400 });
  expect(page.lines.length).toBeGreaterThan(200);
  expect(page.lines.length).toBeLessThan(300);
  expect(page.hasPreviousPage).toBe(true);
  writeFileSync(path, Buffer.alloc(40_000_000, 'y'));
  expect(texts(await readLog(path, {}))).toEqual([]);
  const [only] = texts(await readLog(path, {}, { isOver: true }));
  expect(only).toMatch(/^y{65536} \[line cut: 40000000 characters\]$/);
});
