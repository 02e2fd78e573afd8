import { isTerminal, type Job, type Runner } from '../../src/runner/index.ts';
import type { Answer, Feed, FeedMessage } from './history.ts';
import { readStarts, stateOf } from './processes.ts';

/** The feed of a job in this process, which continues from one runner to the next. */
export interface RunnerFeed extends Feed {
  /** Resolves when the stream of this runner ends. */
  follow(runner: Runner): Promise<void>;
}

/** @param home folder in which the processes of the job record their starts */
export function createRunnerFeed(home: string, jobId: string): RunnerFeed {
  const messages: FeedMessage[] = [];
  const feed = {
    reader: 'of the runners',
    jobId,
    messages,
    completed: false as boolean,
    errors: [],
    aliveAtEnd: [] as number[],
    follow,
  };

  async function follow(runner: Runner): Promise<void> {
    const after = messages.at(-1)?.cursor;
    for await (const { cursor, status, progress, gap } of runner.watch(jobId, { after })) {
      const { percent, step, updatedAt } = progress;
      messages.push({ cursor, status, percent, step, updatedAt, gap });
      if (!isTerminal(status)) continue;
      const trainers = readStarts(home).filter((start) => start.jobId === jobId && start.role === 'TRAINER');
      feed.aliveAtEnd = trainers.filter((start) => stateOf(start) !== undefined).map(({ pid }) => pid);
      feed.completed = true;
    }
  }

  return feed;
}

/** What a runner answers about a job. */
export async function answerOf(runner: Runner, job: Job): Promise<Answer> {
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
