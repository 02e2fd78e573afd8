import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** A table that costs time or memory. Its id never changes. */
export interface HostileTable {
  readonly id: string;
  readonly name: string;
  write(path: string): void;
  /** Expected part of the answer of `dataset`. */
  readonly dataset: Readonly<Record<string, unknown>>;
  /** Expected part of its preview; null if there is none. */
  readonly preview: Readonly<Record<string, unknown>> | null;
}

/** A gzip file may have many members, which count as one text: it is as small as theirs. */
const packed = (head: string, block: Buffer, times: number) =>
  Buffer.concat([gzipSync(head), ...Array<Buffer>(times).fill(gzipSync(block, { level: 9 }))]);

export const HOSTILE_TABLES: readonly HostileTable[] = [
  {
    id: 'table-rows',
    name: 'rows.csv.gz',
    // 150 million rows in 300 kB.
    write: (path) => writeFileSync(path, packed('a\n', Buffer.alloc(10_000_000, '1\n'), 30)),
    dataset: { columns: ['a'], rows: null, problem: null },
    preview: { columnCount: 1, complete: false },
  },
  {
    id: 'table-columns',
    name: 'columns.csv',
    write: (path) => writeFileSync(path, `${Array.from({ length: 1_000_000 }, (_, n) => `c${n}`).join()}\n`),
    dataset: { columnCount: 1_000_000, rows: 0, problem: null },
    preview: { columnCount: 1_000_000, complete: true },
  },
  {
    id: 'table-keys',
    name: 'keys.jsonl',
    write: (path) => writeFileSync(path, Array.from({ length: 1_000_000 }, (_, n) => `{"k${n}":1}\n`).join('')),
    // A fast machine counts the rows within the limit, a slow one does not.
    dataset: { problem: null },
    preview: { complete: false },
  },
  {
    id: 'table-line',
    name: 'line.csv',
    write: (path) => writeFileSync(path, Buffer.alloc(40_000_000, 'a')),
    dataset: { columns: null, problem: expect('longer than the limit of 16 MiB') },
    preview: null,
  },
  {
    id: 'table-carriage-returns',
    name: 'returns.csv',
    write: (path) => writeFileSync(path, Buffer.alloc(16_000_000, 'a\r')),
    dataset: { columns: ['a'], problem: null },
    preview: { columnCount: 1, complete: false },
  },
  {
    id: 'table-nesting',
    name: 'nested.jsonl',
    write: (path) => writeFileSync(path, `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`),
    dataset: { columns: null, problem: expect('nested too deeply') },
    preview: null,
  },
  {
    id: 'table-gzip-bomb',
    name: 'bomb.csv.gz',
    // 3 GB in 3 MB, without a line end.
    write: (path) => writeFileSync(path, packed('', Buffer.alloc(100_000_000, 'a'), 30)),
    dataset: { columns: null, problem: expect('longer than the limit of 16 MiB') },
    preview: null,
  },
  {
    id: 'table-distinct',
    name: 'distinct.csv',
    write: (path) => writeFileSync(path, `a\n${Array.from({ length: 3_000_000 }, (_, n) => `t${n}\n`).join('')}`),
    dataset: { columns: ['a'], problem: null },
    preview: { columnCount: 1, complete: false },
  },
  {
    id: 'table-quotes',
    name: 'quotes.csv',
    // One record, as large as a file that is read completely may be: more than twice the processor time that it may take, also on a fast machine.
    write: (path) => writeFileSync(path, Buffer.concat([Buffer.from('a\n'), Buffer.alloc(66_000_000, '"\n",')])),
    dataset: { columns: ['a'], rows: null, problem: null },
    preview: { columnCount: 1, complete: false },
  },
];

/** Matches a text that contains this, for `toMatchObject`. */
function expect(part: string): { asymmetricMatch(value: unknown): boolean } {
  return { asymmetricMatch: (value) => typeof value === 'string' && value.includes(part) };
}
