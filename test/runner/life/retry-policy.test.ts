import { expect, test } from 'vitest';
import { FAILURE_REASONS } from '../../../src/runner/job/failure.ts';
import { STANDARD_SETTINGS, type StartInput } from '../../../src/runner/job/request.ts';
import { resolveInput } from '../../../src/runner/life/start-input.ts';

const trainer = {
  name: 'tabular',
  title: '',
  description: '',
  available: true,
  unavailableReason: null,
  source: 'SHIPPED',
  settings: STANDARD_SETTINGS,
  acceptsArguments: false,
  backends: ['SIMULATION'],
  defaults: { epochs: 10, batchSize: 32, learningRate: 0.01, seed: 0 },
  options: {},
  versions: {},
} as const;

const policyOf = (retry: StartInput['retry']) => resolveInput({ retry }, [trainer], 0).retry;

test('by default every failure is retried, except those that the same input would repeat', () => {
  const inputAtFault = ['INVALID_DATASET', 'TRAINER_ERROR', 'TIME_LIMIT'];
  const retried = FAILURE_REASONS.filter((reason) => !inputAtFault.includes(reason));
  expect(policyOf({ limit: 2 })).toEqual({
    limit: 2,
    on: retried,
    backoffSeconds: 10,
  });
  expect(policyOf({ limit: 2, on: null, backoffSeconds: null })).toEqual(policyOf({ limit: 2 }));
});

test('a policy may name other failures and another delay, and none is the default', () => {
  expect(policyOf({ limit: 0, on: ['TIME_LIMIT'], backoffSeconds: 0 })).toEqual({
    limit: 0,
    on: ['TIME_LIMIT'],
    backoffSeconds: 0,
  });
  expect(policyOf(undefined)).toBeNull();
});
