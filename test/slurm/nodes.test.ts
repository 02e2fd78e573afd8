import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Runner, StartInput } from '../../src/runner/index.ts';
import { homeAt } from '../../src/runner/home.ts';
import { readLines, signal, stateOf } from '../faults/processes.ts';
import { ended, startRunner } from '../support/runner.ts';
import { NO_CLUSTER } from './cluster.ts';
import { reach, until } from './patience.ts';
import { SETTINGS, stepsOf, useCluster } from './use-cluster.ts';

const settings = { ...SETTINGS, resources: { maxNodes: 2 } };

/** With the memory that PyTorch takes on each. */
const TWO_NODES = { nodes: 2, memoryMb: 3000 };

/** Linear regression with SGD, which each process trains on its part of each batch. It can be stopped and resumed. */
const TRAIN = `
import argparse, os, time
import torch
import torch.distributed as dist
from trainyard import Reporter

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=8)
parser.add_argument("--steps", type=int, default=4)
parser.add_argument("--seconds", type=float, default=0)
args = parser.parse_args()
world, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
print("pid", os.getpid(), os.environ.get("SLURMD_NODENAME"), flush=True)
torch.manual_seed(0)
x = torch.randn(64, 3, dtype=torch.float64)
y = x @ torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64)
model = torch.nn.Linear(3, 1, dtype=torch.float64)
if world > 1:
    dist.init_process_group("gloo")
    model = torch.nn.parallel.DistributedDataParallel(model)
bare = getattr(model, "module", model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
state = os.path.join(os.environ["TRAINYARD_OUTPUT_DIR"], "state.pt")
done = 0
if os.path.exists(state):
    saved = torch.load(state, weights_only=True)
    done = saved["step"]
    bare.load_state_dict(saved["model"])
with Reporter.from_environment() as report:
    report.begin(total_steps=args.steps)
    per_step = args.batch_size * world
    for step in range(done, args.steps):
        first = step * per_step % 64 + rank * args.batch_size
        loss = ((model(x[first : first + args.batch_size]).squeeze() - y[first : first + args.batch_size]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        report.step(step=step + 1, loss=loss.item(), rank=float(rank))
        time.sleep(args.seconds)
        stop = torch.tensor(float(report.should_stop))
        if world > 1:
            dist.broadcast(stop, 0)
        if stop:
            if rank == 0:
                torch.save({"step": step + 1, "model": bare.state_dict()}, state)
            break
print("weights", " ".join(f"{weight:.9f}" for weight in bare.weight.detach().squeeze().tolist()))
if world > 1:
    dist.destroy_process_group()
`;

/** Both processes wait for each other again and again. */
const WAIT = `
import os, time, torch
import torch.distributed as dist
dist.init_process_group("gloo")
print("pid", os.getpid(), os.environ["SLURMD_NODENAME"], flush=True)
while True:
    dist.all_reduce(torch.ones(1))
    time.sleep(0.01)
`;

/** Rank 0 does not notice the death of rank 1. */
const DEAD_RANK = `
import os, time
print("pid", os.getpid(), os.environ["SLURMD_NODENAME"], flush=True)
time.sleep(1)
if os.environ["RANK"] == "1":
    os.kill(os.getpid(), 9)
time.sleep(600)
`;

describe.skipIf(NO_CLUSTER)('a job on two nodes', { timeout: 900_000 }, () => {
  const onCluster = useCluster();

  function homeWith(script: string): string {
    const home = onCluster.home();
    mkdirSync(join(home, 'trainers'));
    writeFileSync(join(home, 'trainers', 'train.py'), script);
    return home;
  }

  const printed = (home: string, id: string): string[] => {
    return readLines(homeAt(home).log(id)).map((line) => line.split(' ').slice(3).join(' '));
  };

  /** The processes of the script, by the node that runs them. */
  const processesOf = (home: string, id: string) =>
    Object.fromEntries(
      printed(home, id).flatMap((line) => {
        const [, pid, node] = /\bpid (\d+) (\w+)/.exec(line) ?? [];
        return pid === undefined || node === undefined ? [] : [[node, Number(pid)]];
      }),
    );

  const start = (runner: Runner, input: StartInput = {}) =>
    runner.start({ trainer: 'train', resources: TWO_NODES, ...input });

  const isAlive = (pid: number) => {
    const startTime = readStartTime(pid);
    return startTime !== undefined && stateOf({ pid, startTime }) !== undefined;
  };

  test('stops with a checkpoint, resumes, and learns the same as one process with twice the batch', async () => {
    const home = homeWith(TRAIN);
    const runner = await startRunner(home, settings);
    const steps = ['--steps', '200'];
    const { id } = await start(runner, { batchSize: 8, arguments: [...steps, '--seconds', '0.02'] });
    await reach(runner, id, ({ progress }) => progress.step >= 10);
    await runner.stop(id, { graceSeconds: 200 });
    const stopped = await reach(runner, id, ended);
    expect(stopped, printed(home, id).join('\n')).toMatchObject({
      state: { status: 'STOPPED' },
      stop: { graceful: true },
    });
    await expectNoProcess(home, id);
    await runner.resume(id);
    const one = await start(runner, { batchSize: 16, arguments: steps, resources: { ...TWO_NODES, nodes: 1 } });
    for (const job of [id, one.id]) {
      const { state } = await reach(runner, job, ended);
      expect(state, printed(home, job).join('\n')).toMatchObject({ status: 'COMPLETED' });
    }

    const weights = (job: string) => printed(home, job).filter((line) => line.includes('weights'));
    const [expected] = weights(one.id);
    expect(weights(id).slice(-2).toSorted()).toEqual([`[rank 0] ${expected}`, `[rank 1] ${expected}`]);
    expect(Object.keys(processesOf(home, id)).toSorted()).toEqual(['n1', 'n2']);
    // Only rank 0 reports, each step once.
    const reported = stepsOf(home, id);
    const twice = reported.filter(({ step }, index) => reported.findIndex((other) => other.step === step) !== index);
    expect(twice).toEqual([]);
    expect(reported.find(({ attempt }) => attempt === 2)?.step).toBe(stopped.progress.step + 1);
    expect(runner.get(id)?.progress).toMatchObject({ step: 200, metrics: { rank: 0 } });
  });

  test('fails with the failure of a dead rank, also if the other one does not notice', async () => {
    const home = homeWith(DEAD_RANK);
    const runner = await startRunner(home, settings);
    const { id } = await start(runner);
    const { state } = await reach(runner, id, ended);
    const message = 'The process of rank 1 was killed by SIGKILL.';
    expect(state, printed(home, id).join('\n')).toMatchObject({ status: 'ERROR', failure: { message } });
    await expectNoProcess(home, id);
  });

  test('fails with NODE_FAIL if a node dies', async () => {
    const home = homeWith(WAIT);
    const runner = await startRunner(home, settings);
    const { id } = await start(runner, { retry: { limit: 0 } });
    await reach(runner, id, () => Object.keys(processesOf(home, id)).length === 2);
    const ranks = processesOf(home, id);
    await killNode(ranks['n2'] as number);
    const { state } = await reach(runner, id, ended);
    onCluster.cluster.startNode('n2');
    // On a slow machine, Slurm gives the node up before the trainer has found out which one it is.
    const message = expect.stringMatching(/on node n2 ended|The node that ran the job failed/) as string;
    expect(state, printed(home, id).join('\n')).toMatchObject({
      status: 'ERROR',
      failure: { reason: 'NODE_FAIL', message },
    });
    await expectNoProcess(home, id);
  });

  /** Kills everything on the second node: the daemon, and all that Slurm has started there for the job. */
  async function killNode(rank: number): Promise<void> {
    await onCluster.cluster.killNode('n2');
    for (let pid = rank; pid > 1;) {
      const parent = parentOf(pid);
      const startTime = readStartTime(pid);
      const isStep = readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('slurmstepd');
      if (startTime !== undefined) signal({ pid, startTime }, 'SIGKILL');
      if (isStep) return;
      pid = parent;
    }
  }

  async function expectNoProcess(home: string, id: string): Promise<void> {
    const pids = Object.values(processesOf(home, id));
    expect(pids).toHaveLength(2);
    await until('no process is left', () => !pids.some(isAlive));
  }
});

function statOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

const parentOf = (pid: number) => Number(statOf(pid)[1] ?? 0);
const readStartTime = (pid: number): string | undefined => statOf(pid)[19];
