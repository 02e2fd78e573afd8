import { expect, test } from 'vitest';
import { metricsCsv } from '../../src/cli/metrics/csv.ts';

const AT = '2026-11-25T20:00:00.000Z';
const csvOf = (name: string, value: number | null) =>
  metricsCsv([{ name, points: [{ step: -0, at: AT, value }] }] as unknown as Parameters<typeof metricsCsv>[0]);

test.each([
  ['=1+2', `'=1+2`],
  [`=cmd|' /C calc'!A0`, `'=cmd|' /C calc'!A0`],
  ['=HYPERLINK("http://example.org","loss")', `"'=HYPERLINK(""http://example.org"",""loss"")"`],
  ['+1', `'+1`],
  ['-1', `'-1`],
  ['@SUM(A1)', `'@SUM(A1)`],
  ['\t=1', `'\t=1`],
  ['\r=1', `"'\r=1"`],
  ['\n=1', `"'\n=1"`],
  ['＝1', `'＝1`],
  ['loss=1', 'loss=1'],
  ['val-loss', 'val-loss'],
])('a spreadsheet shows the metric %j as text', (name, cell) => {
  expect(csvOf(name, 1)[0]).toBe(`step,at,${cell}`);
});

test('numbers stay numbers, also negative ones', () => {
  expect(csvOf('loss', -1.5e-7)[1]).toBe(`0,${AT},-1.5e-7`);
  expect(csvOf('loss', null)[1]).toBe(`0,${AT},`);
});

test('NaN and both infinities are distinct', () => {
  const point = (step: number, nonFinite: string) => ({ step, at: AT, value: null, nonFinite });
  const points = [point(1, 'NAN'), point(2, 'POSITIVE_INFINITY'), point(3, 'NEGATIVE_INFINITY')];
  const rows = metricsCsv([{ name: 'loss', points }] as unknown as Parameters<typeof metricsCsv>[0]);
  expect(rows.slice(1)).toEqual([`1,${AT},NaN`, `2,${AT},Infinity`, `3,${AT},-Infinity`]);
});

test('rows are ordered by time if steps go back, by step otherwise', () => {
  const at = (second: number) => `2026-11-25T20:00:0${second}.000Z`;
  const points = [3, 1, 2].map((step, second) => ({ step, at: at(second), value: step }));
  const rowsOf = (stepsGoBack: boolean) =>
    metricsCsv([{ name: 'loss', stepsGoBack, points }] as unknown as Parameters<typeof metricsCsv>[0]).slice(1);
  expect(rowsOf(true)).toEqual([`3,${at(0)},3`, `1,${at(1)},1`, `2,${at(2)},2`]);
  expect(rowsOf(false)).toEqual([`1,${at(1)},1`, `2,${at(2)},2`, `3,${at(0)},3`]);
});
