import { expect, test } from 'vitest';
import { adviceFor, canResume } from '../../src/monitor/job/failure-advice.ts';

test('a training that diverged is called that, and offers no resume that would diverge again', () => {
  const message =
    'The training diverged: the loss was nan at step 40, in epoch 2. Start a new job with a learning rate below 100.';
  const failure = { reason: 'TRAINER_ERROR', message } as const;
  expect(adviceFor(failure, true)).toEqual({
    title: 'The training diverged',
    advice: 'Duplicate the job with a lower learning rate.',
  });
  expect(canResume(failure, true)).toBe(false);
  expect(canResume({ ...failure, message: 'ValueError: too few rows' }, true)).toBe(true);
});
