import { expect, test } from 'vitest';
import { applyStatus } from '../../../src/runner/job/apply-status.ts';
import { suggestedScore } from '../../../src/runner/job/next-score.ts';
import { goodnessOf, isHardlyBetter, type ReportedScore, type Score } from '../../../src/runner/job/score.ts';
import type { BestValue } from '../../../src/runner/job/types.ts';
import { aJob } from './a-job.ts';
import { aReport } from './a-report.ts';

const bestOf = (values: Record<string, number>): Record<string, BestValue> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, step: 7, at: 1000 }]));

const reported: ReportedScore = {
  name: 'accuracy',
  value: 0.9,
  goal: null,
  baseline: 0.6,
  part: 'TEST',
  epoch: 3,
  rows: 100,
  unit: null,
};

const score = (part: Partial<Score>): Score => ({ ...reported, goal: 'MAX', step: null, ...part });

test.each([
  [{ loss: 0.1, val_loss: 0.2, val_accuracy: 0.8, accuracy: 0.9 }, 'val_accuracy', 'VALIDATION'],
  [{ 'eval/f1': 0.8, 'eval/accuracy': 0.7 }, 'eval/accuracy', 'VALIDATION'],
  [{ test_loss: 0.4, val_accuracy: 0.9 }, 'test_loss', 'TEST'],
  [{ loss: 0.1, lr: 0.01, grad_norm: 2, epoch_time: 3, throughput: 900 }, 'loss', 'TRAINING'],
  [{ val_rmse: 3, val_loss: 9 }, 'val_rmse', 'VALIDATION'],
  [{ val_perplexity: 20, val_loss: 3, perplexity: 10 }, 'val_perplexity', 'VALIDATION'],
  [{ dice_val: 0.5, dice: 0.6 }, 'dice_val', 'VALIDATION'],
])('without a score of the trainer, the metric with the preferred name is the score: %j', (values, name, part) => {
  expect(suggestedScore(bestOf(values))).toMatchObject({ name, part, step: 7, epoch: null, baseline: null });
});

test('metrics whose names do not show that they measure a model are not a score', () => {
  expect(suggestedScore(bestOf({ lr: 0.1, seconds: 4, throughput: 5, gpu: 3 }))).toBeNull();
  expect(suggestedScore({})).toBeNull();
});

test('the score of the trainer comes before one that names suggest, and stays in a later attempt until it is replaced', () => {
  const extremes = { val_accuracy: { min: { value: 0.5, step: 5, at: 1 }, max: { value: 0.95, step: 5, at: 1 } } };
  const suggested = applyStatus(aJob(), aReport({ extremes }));
  expect(suggested.score).toMatchObject({ name: 'val_accuracy', value: 0.95, goal: 'MAX', step: 5 });
  const evaluated = applyStatus(suggested, aReport({ extremes, score: reported, sequence: 3 }));
  expect(evaluated.score).toEqual(score({}));
  const resumed = { ...evaluated, attempt: 2 };
  const later = applyStatus(resumed, aReport({ extremes, attempt: 2, sequence: 4 }));
  expect(later.score).toEqual(score({}));
  const better = applyStatus(later, aReport({ attempt: 2, sequence: 5, score: { ...reported, value: 0.7 } }));
  expect(better.score?.value).toBe(0.7);
});

test('the trainer decides whether a high score is good, then its definitions of metrics, then the name', () => {
  const goalOf = (name: string, goal: Score['goal'] | null, goals = {}) =>
    applyStatus(aJob(), aReport({ score: { ...reported, name, goal }, goals })).score?.goal;
  expect(goalOf('accuracy', null)).toBe('MAX');
  expect(goalOf('rmse', null)).toBe('MIN');
  expect(goalOf('distance', null, { distance: 'MAX' })).toBe('MAX');
  expect(goalOf('accuracy', 'MIN', { accuracy: 'MAX' })).toBe('MIN');
});

test('a model is hardly better than the baseline within a twentieth of the way to the ideal', () => {
  expect(isHardlyBetter(score({ value: 0.6, baseline: 0.6 }))).toBe(true);
  expect(isHardlyBetter(score({ value: 0.619, baseline: 0.6 }))).toBe(true);
  expect(isHardlyBetter(score({ value: 0.621, baseline: 0.6 }))).toBe(false);
  expect(isHardlyBetter(score({ value: 0.1, baseline: 0.6 }))).toBe(true);
  expect(isHardlyBetter(score({ name: 'reward', value: 120, baseline: 100 }))).toBe(false);
  expect(isHardlyBetter(score({ name: 'rmse', goal: 'MIN', value: 96, baseline: 100 }))).toBe(true);
  expect(isHardlyBetter(score({ name: 'rmse', goal: 'MIN', value: 94, baseline: 100 }))).toBe(false);
  expect(isHardlyBetter(score({ baseline: null }))).toBeNull();
});

test('a good score has a high goodness in both directions', () => {
  expect(goodnessOf(score({ value: 0.9 }))).toBeGreaterThan(goodnessOf(score({ value: 0.8 })));
  expect(goodnessOf(score({ goal: 'MIN', value: 2 }))).toBeGreaterThan(goodnessOf(score({ goal: 'MIN', value: 3 })));
});
