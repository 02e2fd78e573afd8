import { setTimeout as delay } from 'node:timers/promises';
import { createRunner, type Runner } from '../../src/runner/index.ts';
import { PYTHON, recordedLog } from '../support/runner.ts';
import { until } from '../support/until.ts';
import { collectEvidence } from './evidence.ts';
import { failCalls, type Failure } from './failing-calls.ts';
import { type Answer, type History, type Request, untouched } from './history.ts';
import { endAll, EVIDENCE } from './processes.ts';
import { answerOf, createRunnerFeed } from './runner-feed.ts';

const TRIES = 20;
/** Epochs, of one step each: the sample's 30 rows are less than a batch. */
const SHORT = 12;
const LONG = 4000;

/** The result of {@link runFailingLife}. */
export interface FailingLife {
  readonly history: History;
  /** Every call that was made, in order. */
  readonly calls: readonly string[];
  readonly failed: readonly string[];
  /** The errors that a caller of the runner received. */
  readonly refusals: readonly string[];
}

/**
 * Runs three jobs with two runners, one after the other, while one of their calls fails: one job completes, one is
 * stopped in the queue, one is stopped while it runs and the runners change. A third runner without failures then reports what
 * it finds.
 */
export async function runFailingLife(home: string, failure?: Failure): Promise<FailingLife> {
  process.env['PYTHONPATH'] = EVIDENCE.PYTHONPATH;
  process.env['TRAINYARD_SIMULATION_STEP_SECONDS'] = '0.005';
  const answers: Answer[] = [];
  const refusals: string[] = [];
  const incidents: string[] = [];
  const completing = requestOf('completing', SHORT, 'NO');
  const waiting = requestOf('waiting', SHORT, 'YES');
  const running = requestOf('running', LONG, 'YES');
  const requests = [completing, running, waiting];
  const unhandled = (error: unknown) => void incidents.push(`unhandled promise rejection: ${String(error)}`);
  process.on('unhandledRejection', unhandled);
  const calls = failCalls(home, failure);
  const runners: Runner[] = [];

  function refuse(what: string, error: unknown): void {
    refusals.push(`${what}: ${String(error)}`);
    if (refusals.length > TRIES)
      throw new Error(`one failing call made ${refusals.length} things fail`, { cause: error });
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

  /** If the failure prevents a runner from starting, it reports so, and is started again. */
  const open = () =>
    insist('start of the runner', async () => {
      const runner = createRunner({ home, python: PYTHON, maxRunning: 1, maxQueued: 10, logger: recordedLog() });
      runners.push(runner);
      try {
        await runner.ready;
        return runner;
      } catch (error) {
        await close(runner);
        throw error;
      }
    });

  async function close(runner: Runner): Promise<void> {
    try {
      await runner[Symbol.asyncDispose]();
    } catch (error) {
      refuse('end of the runner', error);
    }
  }

  async function start(runner: Runner, { key, jobIds, steps }: Request): Promise<string> {
    const input = { backend: 'SIMULATION', epochs: steps, idempotencyKey: key } as const;
    const { id } = await insist('start', () => runner.start(input));
    (jobIds as string[]).push(id);
    return id;
  }

  async function ask(runner: Runner): Promise<void> {
    for (const job of runner.list({ limit: 100 })) {
      answers.push(await insist('look at the checkpoint', () => answerOf(runner, job)));
    }
  }

  try {
    const first = await open();
    const ids: string[] = [];
    for (const request of requests) ids.push(await start(first, request));
    const feeds = ids.map((id) => createRunnerFeed(home, id));
    const following = feeds.map((feed) => feed.follow(first));
    const [, runningId = '', waitingId = ''] = ids;
    await insist('stop in the queue', () => first.stop(waitingId));
    await until('the long job runs', () => (first.get(runningId)?.progress.step ?? 0) > 0);
    await insist('stop while running', () => first.stop(runningId));
    await close(first);
    await Promise.all(following);

    const second = await open();
    const goingOn = feeds.map((feed) => feed.follow(second));
    await until('every job has ended', () => feeds.every(({ completed }) => completed));
    await Promise.all(goingOn);
    await ask(second);
    await close(second);
    calls[Symbol.dispose]();

    const third = await open();
    await start(third, completing);
    await ask(third);
    const metricSteps = new Map<string, number[]>();
    for (const id of ids) {
      const [loss] = await third.metrics(id, { names: ['loss'] });
      metricSteps.set(id, Array.from(loss?.points?.steps ?? []));
    }
    await close(third);
    const history = { slots: 1, requests, feeds, answers, metricSteps, incidents, ...collectEvidence(home) };
    return { history, calls: calls.calls, failed: calls.failed, refusals };
  } finally {
    calls[Symbol.dispose]();
    for (const runner of runners) await close(runner);
    endAll(home);
    process.off('unhandledRejection', unhandled);
  }
}

function requestOf(key: string, steps: number, stop: 'NO' | 'YES'): Request {
  return {
    key,
    jobIds: [],
    steps,
    stepsPerEpoch: 1,
    treatment: { ...untouched(), stop, stopAsked: stop === 'YES', stopWasPatient: true },
  };
}
