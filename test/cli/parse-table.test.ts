import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTable } from '../../src/cli/predictions/parse-table.ts';

const parse = (text: string, file = 'new.csv') => parseTable(file, Buffer.from(text));

test('a plain table is read with quotes, line ends and spaces', () => {
  expect(parse('\uFEFFa, b\r\n1,"x, ""y"""\r\n\r\n2,\r\n')).toEqual({
    names: ['a', 'b'],
    rows: [
      ['1', 'x, "y"'],
      ['2', ''],
    ],
  });
  expect(parse('x\n1\n2')).toEqual({ names: ['x'], rows: [['1'], ['2']] });
  expect(parse('a\tb\n1\t2,5\n', 'new.tsv')).toEqual({ names: ['a', 'b'], rows: [['1', '2,5']] });
});

test.each([
  ['another delimiter', 'a;b\n1,5;2\n'],
  ['a comment', '# made by hand\na,b\n1,2\n'],
  ['a row with more cells', 'a,b\n1,2,3\n'],
  ['a quote inside a value', 'a,b\n1,2"3\n'],
  ['a quote without an end', 'a,b\n1,"2\n'],
  ['a name twice', 'a,a\n1,2\n'],
  ['no rows', 'a,b\n'],
  ['nothing', ''],
])('a table with %s is left to the server', (_what, text) => {
  expect(parse(text)).toBeNull();
});

test('other formats and encodings are left to the server', () => {
  expect(parse('{"a": 1}', 'new.jsonl')).toBeNull();
  expect(parseTable('new.csv', Buffer.from('a\nK\xf6ln\n', 'latin1'))).toBeNull();
});

test('a table that is written with quotes is parsed to the same cells', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', 'é', ' x') }).map((text) => text.trim());
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
      const text = [['a', 'b'], ...rows].map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','));
      expect(parse(text.join('\n'))?.rows).toEqual(rows);
    }),
  );
});
