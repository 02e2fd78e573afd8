import { expect, test } from 'vitest';
import { check, describe } from './checker.ts';
import { DIAMOND } from './draw-order.ts';
import { runOrderRound } from './order-round.ts';
import { chosenSeed } from './random.ts';

// `npm run test:faults` draws other orders too.
test('a diamond, a group with two slots and a paused queue keep their order while servers are killed', async () => {
  const seed = chosenSeed();
  const { history, killed, ended, expected } = await runOrderRound({
    seed,
    slots: 4,
    order: DIAMOND,
    isChanged: false,
  });
  expect(describe(check(history), history), `repeat with TRAINYARD_FAULT_SEED=${seed}`).toBe('');
  expect(ended).toEqual(expected);
  expect(history.answers.slice(0, DIAMOND.jobs.length).every(({ status }) => status === 'QUEUED')).toBe(true);
  expect(killed).toBeGreaterThan(2);
});
