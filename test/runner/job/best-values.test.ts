import { expect, test } from 'vitest';
import { bestGoal, bestValues, definedGoals } from '../../../src/runner/job/best-values.ts';
import type { StatusReport } from '../../../src/runner/job/reports.ts';

const at = 1_760_320_884_000;
const point = (value: number, step: number) => ({ value, step, at });

function report(part: Partial<StatusReport>): StatusReport {
  return { firstStep: 1, step: 50, updatedAt: at, metrics: {}, extremes: {}, goals: {}, ...part } as StatusReport;
}

test('the best of a loss is its lowest value, of an accuracy its highest', () => {
  const extremes = {
    val_loss: { min: point(0.1, 20), max: point(9, 1) },
    val_accuracy: { min: point(0.3, 1), max: point(0.9, 40) },
  };
  expect(bestValues({}, report({ extremes }))).toEqual({ val_loss: point(0.1, 20), val_accuracy: point(0.9, 40) });
});

test('a continued attempt keeps earlier best values, except those of steps that it repeats', () => {
  const before = { loss: point(0.2, 30), val_loss: point(0.1, 60) };
  const extremes = {
    loss: { min: point(0.3, 50), max: point(0.4, 41) },
    val_loss: { min: point(0.15, 60), max: point(0.4, 41) },
  };
  // It continued from step 40: the val_loss of the first attempt's step 60 was not kept.
  expect(bestValues(before, report({ firstStep: 41, extremes }))).toEqual({
    loss: point(0.2, 30),
    val_loss: point(0.15, 60),
  });
});

test('an attempt that has reported nothing yet changes nothing', () => {
  const before = { loss: point(0.2, 30) };
  expect(bestValues(before, report({ firstStep: null, step: 0 }))).toEqual(before);
});

test('without extremes of the trainer, the newest values count', () => {
  const one = bestValues({}, report({ firstStep: null, step: 10, metrics: { loss: 0.5, odd: null } }));
  const two = bestValues(one, report({ firstStep: null, step: 20, metrics: { loss: 0.7, odd: null } }));
  expect(two).toEqual({ loss: point(0.5, 10) });
});

test('a metric may have any name', () => {
  const extremes = JSON.parse(
    `{ "__proto__": { "min": { "value": 1, "step": 1, "at": 1 }, "max": { "value": 2, "step": 1, "at": 1 } },
       "constructor": { "min": { "value": 3, "step": 1, "at": 1 }, "max": { "value": 4, "step": 1, "at": 1 } } }`,
  ) as StatusReport['extremes'];
  expect(Object.entries(bestValues({}, report({ extremes }))).map(([name, { value }]) => [name, value])).toEqual([
    ['__proto__', 1],
    ['constructor', 3],
  ]);
});

test('a goal of the trainer overrides the name, and is recorded with the value', () => {
  const extremes = {
    dice_distance: { min: point(0.1, 20), max: point(0.9, 1) },
    'eval/loss': { min: point(0.1, 20), max: point(0.9, 1) },
    accuracy: { min: point(0.1, 20), max: point(0.9, 1) },
  };
  const best = bestValues({}, report({ extremes, goals: { dice_distance: 'MAX', 'eval/*': 'MAX', accuracy: 'MAX' } }));
  expect(best).toEqual({
    dice_distance: { ...point(0.9, 1), goal: 'MAX' },
    'eval/loss': { ...point(0.9, 1), goal: 'MAX' },
    accuracy: point(0.9, 1),
  });
  expect(definedGoals(best)).toEqual({ dice_distance: 'MAX', 'eval/loss': 'MAX' });
  expect(Object.entries(best).map(([name, value]) => bestGoal(name, value))).toEqual(['MAX', 'MAX', 'MAX']);
});

test('a goal that is defined late counts for all values of the attempt, and replaces a best value of an earlier attempt for another goal', () => {
  const extremes = { x: { min: point(0.1, 20), max: point(0.9, 12) } };
  const before = bestValues({ x: point(0.05, 3) }, report({ firstStep: 11, extremes }));
  expect(before).toEqual({ x: point(0.05, 3) });
  expect(bestValues(before, report({ firstStep: 11, extremes, goals: { x: 'MAX' } }))).toEqual({
    x: { ...point(0.9, 12), goal: 'MAX' },
  });
});

test('a value that is not a finite number is never the best', () => {
  const metrics = { a: 'Infinity', b: 'NaN', c: null, loss: 3 } as const;
  expect(bestValues({}, report({ firstStep: null, step: 10, metrics }))).toEqual({ loss: point(3, 10) });
});
