import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMetrics } from '../../src/runner/history/metrics.ts';
import { temporaryHome } from '../support/home.ts';

const report = (step: number, values: object) =>
  `${JSON.stringify({ attempt: 1, at: 1 + step, step, epoch: 1, values })}\n`;

test('makes one series a name, with the newest and the best point', async () => {
  const path = join(temporaryHome(), 'metrics');
  writeFileSync(
    path,
    report(1, { loss: 3, val_r2: 0.1 }) +
      report(2, { loss: 1 }) +
      report(3, { loss: 2, val_r2: 0.9 }) +
      report(4, { val_r2: 0.5 }),
  );
  const series = await readMetrics(path, {});
  expect(series.map(({ name, totalPoints }) => [name, totalPoints])).toEqual([
    ['loss', 3],
    ['val_r2', 3],
  ]);
  expect(series[0]).toMatchObject({ best: { step: 2, value: 1, at: 3000 }, latest: { step: 3 }, sampled: false });
  expect(series[1]).toMatchObject({ best: { step: 3, value: 0.9 }, latest: { step: 4, value: 0.5 } });
});

test('passes over what is torn or no report', async () => {
  const path = join(temporaryHome(), 'metrics');
  writeFileSync(path, `${report(1, { loss: 3 })}null\n{"step":1}\nnot json\n\0\0\n${report(2, { loss: null })}`);
  appendFileSync(path, report(3, { loss: 1 }).slice(0, -1));
  const [loss] = await readMetrics(path, {});
  expect(loss?.points.map(({ step, value }) => [step, value])).toEqual([
    [1, 3],
    [2, null],
  ]);
  expect(loss?.best?.step).toBe(1);
});

test('thins only when asked, keeps first, last, lows and highs, and says so', async () => {
  const path = join(temporaryHome(), 'metrics');
  const spike = 5678;
  writeFileSync(
    path,
    Array.from({ length: 10_000 }, (_, step) => report(step, { loss: step === spike ? 99 : step % 7 })).join(''),
  );
  const [all] = await readMetrics(path, { names: ['loss'] });
  expect(all).toMatchObject({ sampled: false, totalPoints: 10_000 });
  const [thinned] = await readMetrics(path, { names: ['loss', 'nothing'], maxPoints: 100 });
  expect(thinned).toMatchObject({ sampled: true, totalPoints: 10_000 });
  const steps = thinned?.points.map(({ step }) => step) ?? [];
  expect(steps.length).toBeLessThanOrEqual(100);
  expect(steps).toEqual(expect.arrayContaining([0, spike, 9999]));
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
});

test('bounds of steps are inclusive', async () => {
  const path = join(temporaryHome(), 'metrics');
  writeFileSync(path, [1, 2, 3, 4].map((step) => report(step, { loss: step })).join(''));
  const [loss] = await readMetrics(path, { fromStep: 2, toStep: 3 });
  expect(loss?.points.map(({ step }) => step)).toEqual([2, 3]);
});

test('a resumed attempt replaces the steps that it does again', async () => {
  const path = join(temporaryHome(), 'metrics');
  const of = (attempt: number, step: number) =>
    `${JSON.stringify({ attempt, at: 1, step, epoch: 1, values: { loss: attempt } })}\n`;
  writeFileSync(path, of(1, 1) + of(1, 2) + of(1, 3) + of(2, 2) + of(2, 3) + of(2, 4) + of(3, 5));
  const [loss] = await readMetrics(path, {});
  expect(loss?.points.map(({ step, value }) => [step, value])).toEqual([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 2],
    [5, 3],
  ]);
});
