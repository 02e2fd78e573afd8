import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import {
  createRunner,
  isTerminal,
  type Job,
  type JobEvent,
  type Logger,
  type Runner,
  type RunnerSettings,
} from '../../src/runner/index.ts';
import { until } from './until.ts';

const ownPython = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));

/** The Python that tests train with: the one that is set, the project's own, or the machine's. */
export const PYTHON = process.env['TRAINYARD_PYTHON'] ?? (existsSync(ownPython) ? ownPython : 'python3');

/** The log of a runner, for assertions. */
export interface RecordedLog extends Logger {
  readonly lines: { level: string; message: string; details: object }[];
}

export function recordedLog(): RecordedLog {
  const lines: RecordedLog['lines'] = [];
  const at = (level: string) => (details: object, message: string) => void lines.push({ level, message, details });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A runner on `home`, ready, disposed after the test. Simulated steps take 5 ms unless the environment says otherwise. */
export async function startRunner(home: string, settings: Partial<RunnerSettings> = {}): Promise<Runner> {
  process.env['TRAINYARD_SIMULATION_STEP_SECONDS'] ??= '0.005';
  // Tests of whole histories must not depend on how long they take.
  process.env['TRAINYARD_SYSTEM_METRICS_SECONDS'] ??= '0';
  const runner = createRunner({
    home,
    python: PYTHON,
    maxRunning: 2,
    maxQueued: 100,
    logger: recordedLog(),
    ...settings,
  });
  onTestFinished(() => runner[Symbol.asyncDispose]());
  await runner.ready;
  return runner;
}

/** Every event of a feed to its end. */
export async function collect(feed: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of feed) events.push(event);
  return events;
}

/** The statuses in a feed, each once, in order. */
export function statusesOf(events: readonly JobEvent[]): string[] {
  return events.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
}

/** Waits until a job matches `what`, and returns it. */
export function reach(runner: Runner, id: string, what: (job: Job) => boolean, seconds?: number): Promise<Job> {
  return until(
    `${id} got there`,
    () => {
      const job = runner.get(id);
      return job && what(job) && job;
    },
    seconds,
  );
}

/** It trains, and has reported a step. */
export const running = (job: Job): boolean => job.state.status === 'RUNNING' && job.progress.step > 0;

export const ended = (job: Job): boolean => isTerminal(job.state.status);
