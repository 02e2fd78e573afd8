import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ended, reach, startRunner } from '../support/runner.ts';
import { NO_CLUSTER } from './cluster.ts';
import { FOREVER, SETTINGS, startRunning, useCluster } from './use-cluster.ts';

/** The last of its processes fills 2 GiB. */
const GREEDY = `
import os, time
memory = b"\\1" * (2 << 30 if os.environ.get("RANK") in (None, "1") else 1)
time.sleep(600)
`;

/** Saves nothing and ignores the request to end. */
const STUBBORN = `
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(600)
`;

const HAS_CGROUPS = existsSync('/sys/fs/cgroup/memory/tasks');

describe.skipIf(NO_CLUSTER)('limits of a cluster', () => {
  const onCluster = useCluster();

  function homeWith(name: string, script: string): string {
    const home = onCluster.home();
    mkdirSync(join(home, 'trainers'));
    writeFileSync(join(home, 'trainers', `${name}.py`), script);
    return home;
  }

  test.skipIf(!HAS_CGROUPS)('a job that uses more memory than it requested fails with OUT_OF_MEMORY', async () => {
    const runner = await startRunner(homeWith('greedy', GREEDY), SETTINGS);
    const one = await runner.start({ trainer: 'greedy', resources: { memoryMb: 900 } });
    const two = await runner.start({ trainer: 'greedy', processes: 2, resources: { memoryMb: 900 } });
    for (const { id } of [one, two]) {
      const { state } = await reach(runner, id, ended);
      expect(state).toMatchObject({ status: 'ERROR', failure: { reason: 'OUT_OF_MEMORY' } });
    }
    expect(runner.get(two.id)?.state).toMatchObject({
      failure: { message: expect.stringMatching(/^rank 1: The kernel killed/) as string },
    });
  });

  test('at its time limit, a job saves and ends, or is killed', async () => {
    const runner = await startRunner(homeWith('stubborn', STUBBORN), SETTINGS);
    const stubborn = await runner.start({ trainer: 'stubborn', resources: { timeLimitSeconds: 60 } });
    const saves = await startRunning(runner, { ...FOREVER, resources: { timeLimitSeconds: 60 } });
    const started = await reach(runner, stubborn.id, ({ state }) => state.status === 'RUNNING');
    // Slurm looks twice a minute.
    onCluster.cluster.slurm('scontrol', 'update', `JobId=${onCluster.slurmIdOf(started)}`, 'EndTime=now+1');
    for (const { id } of [saves, stubborn]) {
      const { state } = await reach(runner, id, ended);
      expect(state).toMatchObject({ status: 'ERROR', failure: { reason: 'TIME_LIMIT' } });
    }
    expect(runner.get(saves.id)?.checkpoint).not.toBeNull();
  });
});
