import { expect, test } from 'vitest';
import { shownSettings, writeOption } from '../../src/client/job-settings.ts';

const GIVEN = { epochs: 20, batchSize: null, learningRate: 0.1, seed: 0, options: { hidden: [8], target: null } };

test('before the trainer reports its choices, the given settings are shown', () => {
  expect(shownSettings({ ...GIVEN, settings: null })).toEqual([
    { name: 'epochs', value: 20, isGiven: true },
    { name: 'learning rate', value: 0.1, isGiven: true },
    { name: 'seed', value: 0, isGiven: true },
    { name: 'hidden', value: [8], isGiven: true },
  ]);
});

test('defaults and choices of the trainer are marked', () => {
  const settings = {
    epochs: 20,
    batchSize: 256,
    learningRate: 0.1,
    seed: 0,
    options: { hidden: [8], target: 'price', patience: 20 },
  };
  const shown = shownSettings({ ...GIVEN, options: { hidden: [8] }, settings });
  expect(shown.filter(({ isGiven }) => !isGiven)).toEqual([
    { name: 'batch size', value: 256, isGiven: false },
    { name: 'target', value: 'price', isGiven: false },
    { name: 'patience', value: 20, isGiven: false },
  ]);
});

test('values are written as people write them, not as JSON', () => {
  expect(['adamw', [64, 64], ['a', 'b'], [], true, 0.5, null].map(writeOption)).toEqual([
    'adamw',
    '64, 64',
    'a, b',
    '[]',
    'true',
    '0.5',
    '',
  ]);
});
