import { expect, test } from 'vitest';
import { parseTokenLines } from '../../src/settings/tokens.ts';
import { tokenLine } from '../support/tokens.ts';

const read = (...lines: string[]) => {
  const tokens = parseTokenLines(lines.join(''));
  return typeof tokens === 'string' ? tokens : tokens.map(({ digest: _digest, ...token }) => token);
};

test('a line has a name, a digest, and perhaps a role and a time of expiry', () => {
  expect(
    read(
      '# people\n\n',
      tokenLine('ada', '1'),
      tokenLine('bob', '2', 'viewer'),
      tokenLine('eve', '3', 'admin', 'expires=2027-01-31T08:00:00Z'),
      tokenLine('zoë', '4', 'expires=2027-01-31'),
      tokenLine('tab', '5', 'expires=2027-01-31T08:00:00+02:00').replaceAll(' ', '\t'),
    ),
  ).toEqual([
    { name: 'ada', role: 'operator', expiresAt: null },
    { name: 'bob', role: 'viewer', expiresAt: null },
    { name: 'eve', role: 'admin', expiresAt: Date.UTC(2027, 0, 31, 8) },
    { name: 'zoë', role: 'operator', expiresAt: Date.UTC(2027, 0, 31) },
    { name: 'tab', role: 'operator', expiresAt: Date.UTC(2027, 0, 31, 6) },
  ]);
});

test('February 29 of a leap year is a day of expiry', () => {
  expect(read(tokenLine('ada', '1', 'expires=2028-02-29'))).toEqual([
    { name: 'ada', role: 'operator', expiresAt: Date.UTC(2028, 1, 29) },
  ]);
});

test.each([
  [tokenLine('bob', 'b', 'owner'), /roles viewer, operator, admin/],
  [tokenLine('bob', 'b', 'Admin'), /roles viewer, operator, admin/],
  [tokenLine('bob', 'b', 'viewer', 'admin'), /expires=/],
  [tokenLine('bob', 'b', 'expires=tomorrow'), /expires=/],
  [tokenLine('bob', 'b', 'expires=2027-01-31T08:00:00'), /expires=/],
  [tokenLine('bob', 'b', 'expires=2027-13-31'), /expires=/],
  [tokenLine('bob', 'b', 'expires='), /expires=/],
  [tokenLine('bob', 'b', 'expires=2026-02-31'), /a day and time that exist after expires=, and line 2 has not/],
  [tokenLine('bob', 'b', 'expires=2026-02-29T08:00:00Z'), /day and time that exist/],
  [tokenLine('bob', 'b', 'expires=2026-04-31T00:00:00+02:00'), /day and time that exist/],
  [tokenLine('bob', 'b', 'expires=2027-01-31T25:00:00Z'), /day and time that exist/],
  [tokenLine('bob', 'b', 'viewer', 'expires=2027-01-31', 'admin'), /lines of the form/],
  [tokenLine('b\u0007b', 'b'), /visible characters/],
  [tokenLine('b'.repeat(65), 'b'), /visible characters/],
  ['bob my-plain-secret\n', /lines of the form/],
  [tokenLine('bob', 'a'), /lines 1 and 2 have the same/],
])('a bad line is refused with its number: %j', (line, problem) => {
  const result = read(tokenLine('ada', 'a'), line);
  expect(result).toMatch(problem);
  expect(result).toContain('2');
  expect(result).not.toContain('my-plain-secret');
});
