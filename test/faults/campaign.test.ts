import { expect, test } from 'vitest';
import { check, describe } from './checker.ts';
import { ALL_FAULTS, SHORT } from './plans.ts';
import { chosenSeed } from './random.ts';
import { runRound } from './round.ts';

// The short version of `npm run test:faults`.
test('twenty jobs keep every promise while servers, supervisors and trainers are killed, frozen and given wrong files', async () => {
  const seed = chosenSeed();
  const { history, done } = await runRound({ ...ALL_FAULTS, ...SHORT, seed });
  expect(describe(check(history), history), `repeat with TRAINYARD_FAULT_SEED=${seed}`).toBe('');
  expect(history.record).toHaveLength(ALL_FAULTS.jobs);
  expect(done.size).toBeGreaterThan(0);
});
