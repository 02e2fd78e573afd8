import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { CHECKED_HEAD_BYTES, problemOfContent } from '../../../src/runner/datasets/content.ts';

const LETTER = `Dear Anna,

thank you very much for your letter of last week, which made us all laugh.
We have been well and the garden is full of apples; the children pick them every day.
Please tell us when you will arrive at the station and we will be there.

Yours, as ever and with many regards from all of us, Tom
`;

test.each([
  ['a.csv', '', 'empty'],
  ['a.txt', ' \n\n', 'empty'],
  ['a.csv.gz', gzipSync(''), 'empty'],
  ['a.csv', LETTER, 'running text instead of a table'],
  ['a.tsv.gz', gzipSync(LETTER), 'running text instead of a table'],
  ['a.csv', '%PDF-1.7 ...', 'a PDF, not a table'],
  ['a.csv', 'PK\x03\x04...', 'an Excel workbook'],
  ['a.csv.gz', 'x,y\n1,2\n', 'not gzip data'],
  ['a.parquet', 'x,y\n1,2\n', 'not Parquet'],
  ['a.json', 'Dear Anna', 'not JSON'],
])('%s: a file that is not a dataset has a problem', (name, content, words) => {
  expect(problemOfContent(name, Buffer.from(content))).toContain(words);
});

test.each([
  ['a.csv', 'x,y\n1,2\n'],
  ['a.csv', 'x\n1\n'],
  ['a.csv', 'old'],
  ['a.txt', LETTER],
  ['a.csv', `review,stars\n${'It was a very good meal,5\n'.repeat(10)}`],
  ['a.csv', `review;stars\n${'It was, all in all, a good meal;5\n'.repeat(10)}`],
  ['a.csv', `"review","stars"\n${'"It was good,\nand cheap as well",5\n'.repeat(9)}`],
  ['a.csv', `a b c d e\n${'1 2 3 4 5\n'.repeat(9)}`.replaceAll(' ', '\t')],
  ['a.csv', Buffer.from('\ufeffx,y\n1,2\n', 'utf16le')],
  ['a.csv.gz', gzipSync(`x,y\n${'1,2\n'.repeat(200_000)}`)],
  ['a.json', '\ufeff [{"x": 1}]'],
  ['a.jsonl', '\n{"x": 1}\n'],
  ['a.parquet', 'PAR1...'],
])('%s: a file that may be a dataset has no problem', (name, content) => {
  const head = Buffer.from(content).subarray(0, CHECKED_HEAD_BYTES);
  expect(problemOfContent(name, head)).toBeNull();
});
