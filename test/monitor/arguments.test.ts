import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readArguments, writeArguments } from '../../src/monitor/start/arguments.ts';
import { FormError } from '../../src/monitor/start/form-error.ts';

test.each([
  ['--lr 0.1  --amp', ['--lr', '0.1', '--amp']],
  [`--note 'two words' --path "a b"/c`, ['--note', 'two words', '--path', 'a b/c']],
  [String.raw`a\ b "say \"hi\"" '$HOME' "" ''`, ['a b', 'say "hi"', '$HOME', '', '']],
  [`--x=it's' fine`, ['--x=its', 'fine']],
])('a line is split into arguments as a shell splits it: %s', (line, expected) => {
  expect(readArguments(line)).toEqual(expected);
});

test.each(['"open', "it's", 'ends with \\'])('an open quote is refused with a sentence: %s', (line) => {
  expect(() => readArguments(line)).toThrow(FormError);
});

test('written arguments parse to the same arguments', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (all) => {
      expect(readArguments(writeArguments(all))).toEqual(all);
    }),
  );
});
