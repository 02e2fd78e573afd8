import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote, shorten } from '../../../src/runner/job/shorten.ts';

test('a text that fits stays as it is, and a longer one ends with an ellipsis', () => {
  expect(shorten('abcd', 4)).toBe('abcd');
  expect(shorten('abcde', 4)).toBe('abc…');
});

test('half of a surrogate pair is not a character', () => {
  expect(shorten('a😀bc', 3)).toBe('a…');
  expect(shorten('😀abc', 4)).toBe('😀a…');
});

test('no text exceeds the maximum, or ends within a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, most) => {
      const short = shorten(text, most);
      expect(short.length).toBeLessThanOrEqual(most);
      expect(short.isWellFormed()).toBe(true);
      expect(text.startsWith(short.replace(/…$/, ''))).toBe(true);
    }),
  );
});

test('a quoted text is JSON of at most 64 characters', () => {
  expect(quote('say "hi"\n')).toBe('"say \\"hi\\"\\n"');
  expect(quote('x'.repeat(64))).toBe(`"${'x'.repeat(64)}"`);
  expect(quote('x'.repeat(65))).toBe(`"${'x'.repeat(63)}…"`);
  expect(quote('abcde', 4)).toBe('"abc…"');
});
