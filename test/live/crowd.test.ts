import { expect, test } from 'vitest';
import { chosenSeed } from '../faults/random.ts';
import { brokenPromises } from './check-crowd.ts';
import { runCrowd } from './crowd.ts';

// The short version of `npm run test:live`.
test('subscribers that connect and disconnect across restarts receive everything exactly once', async () => {
  const seed = chosenSeed();
  const plan = { jobs: 6, slots: 6, subscribers: 40, seconds: 12, restarts: 2, longestConnection: 3, warmStart: false };
  const result = await runCrowd({ seed, ...plan });
  expect(brokenPromises(result), `repeat with TRAINYARD_FAULT_SEED=${seed}`).toEqual([]);
  expect(result.connections).toBeGreaterThan(100);
  expect([...result.listed.values()]).toEqual(Array.from({ length: 6 }, () => 'COMPLETED'));
});
