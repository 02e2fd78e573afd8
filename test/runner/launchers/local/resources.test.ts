import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryHome } from '../../../support/home.ts';
import { ended, reach, startRunner } from '../../../support/runner.ts';
import { endAll } from '../../../faults/processes.ts';
import { readLog } from '../../../../src/runner/history/log.ts';
import { homeAt } from '../../../../src/runner/home.ts';

test.skipIf(process.platform !== 'linux')(
  'on one machine, cpus are threads, and memoryMb is a limit that ends the job as OUT_OF_MEMORY',
  async () => {
    const home = temporaryHome();
    onTestFinished(() => endAll(home));
    mkdirSync(join(home, 'trainers'));
    const script = `import os
print("threads", os.environ["OMP_NUM_THREADS"], flush=True)
small = bytearray(50 << 20)
large = bytearray(900 << 20)
print("not limited", flush=True)
`;
    writeFileSync(join(home, 'trainers', 'greedy.py'), script);
    const runner = await startRunner(home);
    const { id } = await runner.start({ trainer: 'greedy', resources: { cpus: 3, memoryMb: 600 } });
    const job = await reach(runner, id, ended);
    expect(job.state).toMatchObject({ status: 'ERROR', failure: { reason: 'OUT_OF_MEMORY' } });
    const { lines } = await readLog(homeAt(home).log(id), { last: 50 });
    const texts = lines.map(({ text }) => text);
    expect(texts).toContain('threads 3');
    expect(texts).not.toContain('not limited');
  },
);

test('on one machine, resources.timeLimitSeconds limits the time of an attempt, as timeLimitSeconds of the input does', async () => {
  const home = temporaryHome();
  onTestFinished(() => endAll(home));
  const runner = await startRunner(home);
  const forever = { backend: 'SIMULATION', epochs: 100_000 } as const;
  const jobs = await Promise.all([
    runner.start({ ...forever, resources: { timeLimitSeconds: 2 } }),
    // The lower one of two limits applies.
    runner.start({ ...forever, resources: { timeLimitSeconds: 2 }, timeLimitSeconds: 3600 }),
  ]);
  for (const { id, request } of jobs) {
    expect(request.timeLimitSeconds).toBe(2);
    const { state } = await reach(runner, id, ended);
    expect(state).toMatchObject({
      status: 'ERROR',
      failure: { reason: 'TIME_LIMIT', message: expect.stringContaining('its limit of 2 seconds') as string },
    });
  }
});

test('on one machine, resources.gpus and processesPerNode are gpus and processes of the job', async () => {
  const home = temporaryHome();
  onTestFinished(() => endAll(home));
  mkdirSync(join(home, 'trainers'));
  writeFileSync(join(home, 'trainers', 'script.py'), 'print("done")\n');
  const runner = await startRunner(home, { gpus: ['0', '1', '2'] });
  await runner.pauseQueue();
  const resources = { gpus: 2, processesPerNode: 2, nodes: 1 };
  const { request } = await runner.start({ trainer: 'script', resources });
  expect(request).toMatchObject({ gpus: 2, processes: 2 });
  for (const [input, message] of [
    [{ trainer: 'script', resources: { gpus: 4 } }, 'Requested 4 GPUs; 3 are available on this machine.'],
    [
      { trainer: 'script', processes: 3, resources },
      'processes is 3, and resources.processesPerNode is 2: leave one out.',
    ],
    [{ trainer: 'tabular', resources }, 'Trainer tabular takes no processesPerNode: only scripts do.'],
  ] as const) {
    await expect(runner.start(input)).rejects.toThrow(message);
  }
});

test('a start that needs more GPUs than the machine has is refused, with both numbers', async () => {
  for (const [gpus, wanted, message] of [
    [['0'], 2, 'Requested 2 GPUs; 1 is available on this machine.'],
    [[], 1, 'Requested 1 GPU; 0 are available on this machine.'],
  ] as const) {
    const home = temporaryHome();
    onTestFinished(() => endAll(home));
    const runner = await startRunner(home, { gpus });
    await expect(runner.start({ gpus: wanted })).rejects.toThrow(message);
  }
});
