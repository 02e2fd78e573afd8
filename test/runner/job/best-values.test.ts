import { expect, test } from 'vitest';
import { bestOf } from '../../../src/runner/job/best-values.ts';
import type { StatusFile } from '../../../src/runner/reports/status-file.ts';

const at = 1_760_320_884_000;
const point = (value: number, step: number) => ({ value, step, at });

function file(part: Partial<StatusFile>): StatusFile {
  return { first_step: 1, step: 50, updated_at: at, metrics: {}, extremes: {}, ...part } as StatusFile;
}

test('the best of a loss is its lowest value, of an accuracy its highest', () => {
  const extremes = {
    val_loss: { min: point(0.1, 20), max: point(9, 1) },
    val_accuracy: { min: point(0.3, 1), max: point(0.9, 40) },
  };
  expect(bestOf({}, file({ extremes }))).toEqual({ val_loss: point(0.1, 20), val_accuracy: point(0.9, 40) });
});

test('an attempt that goes on keeps what was best before it, and takes the place of what it does again', () => {
  const before = { loss: point(0.2, 30), val_loss: point(0.1, 60) };
  const extremes = {
    loss: { min: point(0.3, 50), max: point(0.4, 41) },
    val_loss: { min: point(0.15, 60), max: point(0.4, 41) },
  };
  // It went on from step 40: the val_loss of the first attempt's step 60 was not kept.
  expect(bestOf(before, file({ first_step: 41, extremes }))).toEqual({
    loss: point(0.2, 30),
    val_loss: point(0.15, 60),
  });
});

test('an attempt that has reported nothing yet changes nothing', () => {
  const before = { loss: point(0.2, 30) };
  expect(bestOf(before, file({ first_step: null, step: 0 }))).toEqual(before);
});

test('of a trainer that keeps no extremes the newest values count', () => {
  const one = bestOf({}, file({ first_step: null, step: 10, metrics: { loss: 0.5, odd: null } }));
  const two = bestOf(one, file({ first_step: null, step: 20, metrics: { loss: 0.7, odd: null } }));
  expect(two).toEqual({ loss: point(0.5, 10) });
});

test('a metric may have any name', () => {
  const extremes = JSON.parse(
    `{ "__proto__": { "min": { "value": 1, "step": 1, "at": 1 }, "max": { "value": 2, "step": 1, "at": 1 } },
       "constructor": { "min": { "value": 3, "step": 1, "at": 1 }, "max": { "value": 4, "step": 1, "at": 1 } } }`,
  ) as StatusFile['extremes'];
  expect(Object.entries(bestOf({}, file({ extremes }))).map(([name, { value }]) => [name, value])).toEqual([
    ['__proto__', 1],
    ['constructor', 3],
  ]);
});
