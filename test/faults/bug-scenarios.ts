import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.ts';
import type { World } from './faults.ts';
import { BLINDFOLD } from './preload/blind.ts';
import { readLines, readStarts, signal, stateOf } from './processes.ts';
import { runRound, type RoundPlan, type RoundResult } from './round.ts';
import { statusOf } from './spoil.ts';
import type { ProcessStart } from './history.ts';

const preload = (name: string) => `--import=${fileURLToPath(new URL(`preload/${name}.ts`, import.meta.url))}`;
const PRELOADS = { NODE_OPTIONS: ['plant-bug', 'blind'].map(preload).join(' ') };
const BLINDFOLD_FILE = 'blindfold';

const ONE_JOB: Omit<RoundPlan, 'faults'> = {
  seed: 1,
  jobs: 1,
  slots: 1,
  epochs: [20, 20],
  stepSeconds: 0.02,
  longestPause: 0,
  longestFreeze: 0,
  patienceSeconds: 100,
  lastRestart: false,
};

/**
 * Runs in which one kind of bug, if present, breaks a promise every time. The trainer is frozen meanwhile, so that nothing depends on
 * the speed of the machine. Each takes additional environment variables for the server.
 */
export const SCENARIOS = {
  /** The server accepts the stop; then the server and the supervisor, which has not passed it on yet, are killed. */
  stopAndKillServer: scenario(ONE_JOB, async (world) => {
    const { subject, supervisor, trainer } = await frozen(world);
    signal(supervisor, 'SIGSTOP');
    subject.treatment.stopAsked = subject.treatment.stopWasPatient = true;
    subject.treatment.stop = await world.client.stop(subject.jobId, 600);
    await until('the reader received it', () =>
      world.droppedReader.feeds[0]?.messages.some(({ status }) => status === 'STOPPING'),
    );
    await world.server.end('SIGKILL');
    subject.treatment.supervisorKilled = signal(supervisor, 'SIGKILL');
    world.server.start();
    await world.server.ready();
    signal(trainer, 'SIGCONT');
  }),

  /** For some time, no process can be observed. */
  unobservable: scenario(ONE_JOB, async (world) => {
    const { trainer } = await frozen(world);
    const blindfold = join(world.server.home, BLINDFOLD_FILE);
    writeFileSync(blindfold, '');
    // Or until the end is published, which must be observed while the trainer is still frozen.
    await until(
      'the server has failed to observe it',
      () => readLines(blindfold).length >= 3 || world.living().length === 0,
    );
    rmSync(blindfold);
    signal(trainer, 'SIGCONT');
  }),

  /** The trainer is still alive for some time after it has claimed its end. */
  lingeringTrainer: scenario({ ...ONE_JOB, environment: { FAULT_TRAINER_LINGER: '1' } }, () => Promise.resolve()),

  /** The supervisor is alive, but has not reported yet: the next server launches another one. */
  killServerAtLaunch: scenario({ ...ONE_JOB, environment: { FAULT_SUPERVISOR_DELAY: '1' } }, async (world) => {
    const { server } = world;
    const startsOf = (role: ProcessStart['role']) => readStarts(server.home).filter((start) => start.role === role);
    const first = await until('the supervisor is alive', () => startsOf('SUPERVISOR')[0]);
    signal(first, 'SIGSTOP');
    await server.end('SIGKILL');
    server.start();
    const second = await until('there is a second supervisor', () => startsOf('SUPERVISOR')[1]);
    signal(first, 'SIGCONT');
    const { trainer } = await frozen(world);
    await until('one of them has given up, or both have started a trainer', () => {
      return [first, second].some((start) => stateOf(start) === undefined) || startsOf('TRAINER').length > 1;
    });
    signal(trainer, 'SIGCONT');
  }),

  /** For the server, everything from the launch to the first step happens at once. */
  frozenServer: scenario(ONE_JOB, async (world) => {
    await until('the supervisor is alive', () => readStarts(world.server.home).length > 0);
    world.server.signal('SIGSTOP');
    const { trainer } = await frozen(world);
    world.server.signal('SIGCONT');
    signal(trainer, 'SIGCONT');
  }),

  /** A job waits, and the next server has to know that the slot is taken. */
  killServerWithQueue: scenario({ ...ONE_JOB, jobs: 2, epochs: [60, 60] }, async (world) => {
    const { trainer } = await frozen(world);
    await until('both jobs were accepted', () => world.living().length === 2);
    await world.server.end('SIGKILL');
    world.server.start();
    await world.server.ready();
    // A server that is ready has given every free slot away. The trainer of the job that got one must start before the first has ended.
    if ((await world.client.waiting()) === 0) {
      await until('the other job has a trainer', () => trainersIn(world.server.home).length > 1);
    }
    signal(trainer, 'SIGCONT');
  }),
} satisfies Record<string, (environment: NodeJS.ProcessEnv) => Promise<RoundResult>>;

export type ScenarioName = keyof typeof SCENARIOS;

const trainersIn = (home: string) => readStarts(home).filter(({ role }) => role === 'TRAINER');

function scenario(plan: Omit<RoundPlan, 'faults'>, faults: (world: World) => Promise<void>) {
  return (environment: NodeJS.ProcessEnv) =>
    runRound({
      ...plan,
      faults,
      environment: { ...PRELOADS, [BLINDFOLD]: BLINDFOLD_FILE, ...plan.environment, ...environment },
    });
}

/** Waits until a job's trainer is running, and freezes it. */
async function frozen({ server, living }: World) {
  return until('a job is running', () => {
    const subject = living().find(({ jobId }) => statusOf(server.home, jobId) === 'RUNNING');
    const starts = readStarts(server.home).filter(({ jobId }) => jobId === subject?.jobId);
    const supervisor = starts.find(({ role }) => role === 'SUPERVISOR');
    const trainer = starts.find(({ role }) => role === 'TRAINER');
    return subject && supervisor && trainer && signal(trainer, 'SIGSTOP') && { subject, supervisor, trainer };
  });
}
