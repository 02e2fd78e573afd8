import { setTimeout as delay } from 'node:timers/promises';
import { createRunner, isTerminal, type Job, type Runner } from '../../src/runner/index.ts';
import { PYTHON, recordedLog } from '../support/runner.ts';
import { until } from '../support/until.ts';
import { collectEvidence } from './evidence.ts';
import { failCalls, type Failure } from './failing-calls.ts';
import { type Answer, type Feed, type FeedMessage, type History, type Request, untouched } from './history.ts';
import { EVIDENCE, readStarts, stateOf } from './processes.ts';

const TRIES = 5;
/** 30 rows in one batch: a step an epoch. */
const STEPS = 12;

/** What came of {@link runFailingLife}. */
export interface FailingLife {
  readonly history: History;
  /** Every call that was made, in order. */
  readonly calls: readonly string[];
  readonly failed: readonly string[];
  /** What a caller of the runner got to see of the failure. */
  readonly refusals: readonly string[];
}

/**
 * Lets a runner live through one job that completes and one that is stopped in the queue, while one of its calls fails; then
 * takes the home up with another runner that has no such trouble.
 */
export async function runFailingLife(home: string, failure?: Failure): Promise<FailingLife> {
  process.env['PYTHONPATH'] = EVIDENCE.PYTHONPATH;
  process.env['TRAINYARD_SIMULATION_STEP_SECONDS'] = '0.005';
  const feeds: Feed[] = [];
  const answers: Answer[] = [];
  const refusals: string[] = [];
  const incidents: string[] = [];
  const long: Request = { key: 'long', jobIds: [], steps: STEPS, stepsPerEpoch: 1, treatment: untouched() };
  const stopped: Request = { ...long, key: 'stopped', jobIds: [], treatment: { ...untouched(), stop: 'YES' } };
  const unhandled = (error: unknown) =>
    void incidents.push(`a promise was rejected and nobody cared: ${String(error)}`);
  process.on('unhandledRejection', unhandled);
  const calls = failCalls(home, failure);

  /** A runner, or nothing when the failure keeps it from starting: it says so, and a person starts it again. */
  async function open(): Promise<Runner> {
    for (;;) {
      let runner: Runner | undefined;
      try {
        runner = createRunner({ home, python: PYTHON, maxRunning: 1, maxQueued: 10, logger: recordedLog() });
        await runner.ready;
        return runner;
      } catch (error) {
        refuse('start of the runner', error);
        if (runner) await close(runner);
      }
    }
  }

  function refuse(what: string, error: unknown): void {
    refusals.push(`${what}: ${String(error)}`);
    if (refusals.length > TRIES)
      throw new Error(`one failing call made ${refusals.length} things fail`, { cause: error });
  }

  async function close(runner: Runner): Promise<void> {
    try {
      await runner[Symbol.asyncDispose]();
    } catch (error) {
      refuse('end of the runner', error);
    }
  }

  async function insist<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        refuse(what, error);
        await delay(10);
      }
    }
  }

  async function request(runner: Runner, { key, jobIds }: Request): Promise<string> {
    const input = { backend: 'SIMULATION', epochs: STEPS, idempotencyKey: key } as const;
    const job = await insist('start', () => runner.start(input));
    (jobIds as string[]).push(job.id);
    return job.id;
  }

  const ask = async (runner: Runner) => {
    for (const job of runner.list({ limit: 100 })) answers.push(await answerOf(runner, job));
  };

  try {
    const first = await open();
    const longId = await request(first, long);
    const stoppedId = await request(first, stopped);
    const following = [longId, stoppedId].map((id) => follow(first, home, id, feeds));
    await insist('stop', () => first.stop(stoppedId));
    await Promise.all(following);
    await ask(first);
    await close(first);
    calls[Symbol.dispose]();

    const second = await open();
    await until('every job has ended', () =>
      second.list({ limit: 100 }).every(({ state }) => isTerminal(state.status)),
    );
    await request(second, long);
    await ask(second);
    const metricSteps = new Map<string, number[]>();
    for (const { id } of second.list({ limit: 100 })) {
      const [loss] = await second.metrics(id, { names: ['loss'] });
      metricSteps.set(id, loss?.points.map(({ step }) => step) ?? []);
    }
    await second[Symbol.asyncDispose]();
    const requests = [long, stopped];
    const history = { slots: 1, requests, feeds, answers, metricSteps, incidents, ...collectEvidence(home) };
    return { history, calls: calls.calls, failed: calls.failed, refusals };
  } finally {
    calls[Symbol.dispose]();
    process.off('unhandledRejection', unhandled);
  }
}

async function follow(runner: Runner, home: string, jobId: string, feeds: Feed[]): Promise<void> {
  const messages: FeedMessage[] = [];
  let aliveAtEnd: number[] = [];
  for await (const { cursor, status, progress, gap } of runner.watch(jobId)) {
    const { percent, step, updatedAt } = progress;
    messages.push({ cursor, status, percent, step, updatedAt, gap });
    if (!isTerminal(status)) continue;
    const trainers = readStarts(home).filter((start) => start.jobId === jobId && start.role === 'TRAINER');
    aliveAtEnd = trainers.filter((start) => stateOf(start) !== undefined).map(({ pid }) => pid);
  }
  feeds.push({ reader: 'of the runner', jobId, messages, completed: true, errors: [], aliveAtEnd });
}

async function answerOf(runner: Runner, job: Job): Promise<Answer> {
  const { state } = job;
  const failure = state.status === 'ERROR' ? state.failure : null;
  return {
    jobId: job.id,
    status: state.status,
    reason: failure?.reason ?? null,
    signal: failure?.signal ?? null,
    finishedAt: 'finishedAt' in state ? new Date(state.finishedAt).toISOString() : null,
    checkpoint: (await runner.checkpoint(job))?.path ?? null,
  };
}
