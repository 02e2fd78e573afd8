import { expect, test } from 'vitest';
import { temporaryHome } from '../../support/home.ts';
import { ended, reach, running, startRunner } from '../../support/runner.ts';

const LONG = { backend: 'SIMULATION', epochs: 4000 } as const;

test('waiting jobs keep the order of their arrival through a restart, also a job that is older and was resumed', async () => {
  const home = temporaryHome();
  const first = await startRunner(home, { maxRunning: 1 });
  const oldest = await first.start({ ...LONG, epochs: 2 });
  await reach(first, oldest.id, ended);
  const blocker = await first.start(LONG);
  await reach(first, blocker.id, running);
  const waiting = await first.start(LONG);
  await first.resume(oldest.id, { epochs: 4 });
  const positions = [waiting.id, oldest.id];
  expect(positions.map((id) => first.queuePosition(id))).toEqual([1, 2]);
  await first[Symbol.asyncDispose]();

  const second = await startRunner(home, { maxRunning: 1 });
  expect(positions.map((id) => second.queuePosition(id))).toEqual([1, 2]);
  await second.stop(waiting.id);
  await second.stop(blocker.id);
  await reach(second, oldest.id, ended);
});
