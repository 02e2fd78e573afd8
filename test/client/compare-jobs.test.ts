import { expect, test } from 'vitest';
import { type ComparedJob, differingSettings } from '../../src/client/compare-jobs.ts';

/** A job with these given and resolved options. */
function job(given: object, resolved: object): ComparedJob {
  const standard = { epochs: 20, batchSize: 32, learningRate: 0.1, seed: 0 };
  const options = { target: 'price_eur', hidden: [256, 256], ...resolved };
  const settings = { ...standard, options };
  return {
    ...standard,
    dataset: 'a.csv',
    trainer: 'tabular',
    arguments: [],
    processes: 1,
    options: given,
    settings,
  };
}

test('a comparison shows the resolved values, and no setting that one job names and the other has by default', () => {
  const jobs = [job({}, {}), job({ target: 'price_eur' }, {}), job({ hidden: [16] }, { hidden: [16] })];
  expect(differingSettings(jobs)).toEqual([{ name: 'hidden', values: ['256, 256', '256, 256', '16'] }]);
});

test('what a simulation has not reported is no difference, unless another job was given it', () => {
  const simulation = { ...job({}, {}), settings: null };
  expect(differingSettings([job({}, {}), simulation])).toEqual([]);
  const given = job({ hidden: [16] }, { hidden: [16] });
  expect(differingSettings([given, simulation])).toEqual([{ name: 'hidden', values: ['16', ''] }]);
});
