import { expect, test } from 'vitest';
import { firstRows, parseCsv } from '../../scripts/demo/csv.ts';

test.each([
  {
    text: 'a,b\n1,2\n',
    records: [
      ['a', 'b'],
      ['1', '2'],
    ],
  },
  {
    text: 'a,b\r\n1,2',
    records: [
      ['a', 'b'],
      ['1', '2'],
    ],
  },
  {
    text: 'a,b\n,\n',
    records: [
      ['a', 'b'],
      ['', ''],
    ],
  },
  { text: 'a\n"x, ""y""\nz"\n', records: [['a'], ['x, "y"\nz']] },
  {
    text: '"a",b\n"",2\n',
    records: [
      ['a', 'b'],
      ['', '2'],
    ],
  },
  { text: '', records: [] },
])('parses $text', ({ text, records }) => {
  expect(parseCsv(text)).toEqual(records);
});

test('returns the header and the first complete rows', () => {
  const table = 'x;y\n1;2\n"3\n4";5\n6;7\n';
  expect(firstRows(table, 2, { header: true, complete: true })).toBe('x;y\n1;2\n"3\n4";5\n');
  expect(firstRows(table, 9, { header: true, complete: true })).toBe(table);
  expect(firstRows('x,y\n1,2\n3,', 9, { header: true, complete: false })).toBe('x,y\n1,2\n');
  expect(firstRows('x,y\n1,2', 9, { header: true, complete: true })).toBe('x,y\n1,2');
});

test('counts each line of a JSON lines file as a row', () => {
  expect(firstRows('{"a":"\\"1"}\n{"a":2}\n{"a":3}\n', 2, { header: false, complete: true })).toBe(
    '{"a":"\\"1"}\n{"a":2}\n',
  );
});
