import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ended, startRunner } from '../support/runner.ts';
import { NO_CLUSTER } from './cluster.ts';
import { reach } from './patience.ts';
import { FOREVER, SETTINGS, startRunning, useCluster } from './use-cluster.ts';

/** The last of its processes fills 2 GiB. */
const GREEDY = `
import os, time
memory = b"\\1" * (2 << 30 if os.environ.get("RANK") in (None, "1") else 1)
time.sleep(600)
`;

/** The kernel kills the agent of torchrun, its parent, before all others. */
const KILLS_AGENT = `
import os
with open(f"/proc/{os.getppid()}/oom_score_adj", "w") as file:
    file.write("1000")
${GREEDY}`;

/** The kernel kills the process that Slurm has started on the second node before all others, and torchrun ends with it. */
const KILLS_NODE = `
import os
with open(f"/proc/{os.getppid()}/stat") as file:
    parent = file.read().rsplit(")", 1)[1].split()[1]
if os.environ["RANK"] == "1":
    with open(f"/proc/{parent}/oom_score_adj", "w") as file:
        file.write("1000")
${GREEDY}`;

/** The kernel kills the worker of the data loader before all others. */
const KILLS_LOADER = `
import torch.utils.data

class Greedy(torch.utils.data.Dataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
        return len(b"\\1" * (2 << 30))

list(torch.utils.data.DataLoader(Greedy(), num_workers=1))
`;

/** The kernel kills the supervisor, its parent, before all others, and then the script. */
const KILLS_SUPERVISOR = KILLS_AGENT;

/** Saves nothing and ignores the request to end. */
const STUBBORN = `
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(600)
`;

const HAS_CGROUPS = existsSync('/sys/fs/cgroup/memory/tasks') && isWritable('/sys/fs/cgroup/memory');

/** Whether folders can be created there: a container may mount it read-only, also for root. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(NO_CLUSTER)('limits of a cluster', { timeout: 900_000 }, () => {
  const onCluster = useCluster();

  function homeWith(name: string, script: string): string {
    const home = onCluster.home();
    mkdirSync(join(home, 'trainers'));
    writeFileSync(join(home, 'trainers', `${name}.py`), script);
    return home;
  }

  test.skipIf(!HAS_CGROUPS).each([
    { who: 'the only process', script: GREEDY, processes: 1, memoryMb: 900, message: /memory/ },
    { who: 'a data loader', script: KILLS_LOADER, processes: 1, memoryMb: 1_800, message: /^The kernel.*DataLoader/ },
    { who: 'the supervisor', script: KILLS_SUPERVISOR, processes: 1, memoryMb: 900, message: /memory/ },
    // torchrun and each worker need up to 500 MiB.
    {
      who: 'one of two processes',
      script: GREEDY,
      processes: 2,
      memoryMb: 1_800,
      message: /^rank 1: The kernel killed/,
    },
    { who: 'torchrun', script: KILLS_AGENT, processes: 2, memoryMb: 1_800, message: /^torchrun: The kernel killed/ },
    {
      who: 'the processes on the second of two nodes',
      script: KILLS_NODE,
      processes: 1,
      nodes: 2,
      memoryMb: 1_800,
      message: /^The kernel killed the processes on n2 /,
    },
  ])(
    'OUT_OF_MEMORY is the reason if the memory limit of a job kills $who',
    async ({ script, processes, nodes = 1, memoryMb, message }) => {
      const runner = await startRunner(homeWith('greedy', script), { ...SETTINGS, resources: { maxNodes: 2 } });
      const { id } = await runner.start({ trainer: 'greedy', processes, resources: { memoryMb, nodes } });
      const { state } = await reach(runner, id, ended);
      if (state.status !== 'ERROR') throw new Error(`The job ended as ${state.status}.`);
      expect(state.failure).toMatchObject({
        reason: 'OUT_OF_MEMORY',
        message: expect.stringMatching(message) as string,
      });
    },
  );

  test('at its time limit, a job saves and ends, or is killed', async () => {
    const runner = await startRunner(homeWith('stubborn', STUBBORN), SETTINGS);
    const resources = { timeLimitSeconds: 36_000 };
    const { id } = await runner.start({ trainer: 'stubborn', resources });
    const stubborn = await reach(runner, id, ({ state }) => state.status === 'RUNNING');
    const saves = await startRunning(runner, { ...FOREVER, resources });
    // Slurm checks its limits twice a minute, and requests the save if less than a minute and a half is left.
    for (const [job, end] of [
      [stubborn, 'now+1'],
      [saves, 'now+80'],
    ] as const)
      onCluster.cluster.slurm('scontrol', 'update', `JobId=${onCluster.slurmIdOf(job)}`, `EndTime=${end}`);
    for (const { id } of [saves, stubborn]) {
      const { state } = await reach(runner, id, ended);
      expect(state).toMatchObject({ status: 'ERROR', failure: { reason: 'TIME_LIMIT' } });
    }
    expect(runner.get(saves.id)?.checkpoint).not.toBeNull();
  });
});
