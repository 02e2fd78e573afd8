import { createFleetRecord } from '../../src/runner/store/fleet-record.ts';
import { homeAt, makeFolders } from '../../src/runner/home.ts';
import { newJobId } from '../../src/runner/life/new-job-id.ts';
import type { ProcessIdentity } from '../../src/runner/job/reports.ts';
import type { Job, JobState, Progress } from '../../src/runner/job/types.ts';
import { prepareHandle, recognizeProcesses } from '../../src/runner/launchers/local/handle.ts';
import { openDatabase } from '../../src/runner/store/database.ts';
import { createJobRecord } from '../../src/runner/store/job-record.ts';
import { aJob } from '../runner/job/a-job.ts';

const HOUR_MS = 3_600_000;

/**
 * Records `count` jobs that have ended, one an hour before the next, in a home that no server uses; returns their ids, newest first.
 * @param bestOf best values of the job with this index; default: none
 */
export function recordEndedJobs(
  root: string,
  count: number,
  bestOf: (index: number) => Job['best'] = () => ({}),
): string[] {
  const now = Date.now();
  return recordJobs(
    root,
    Array.from({ length: count }, (_, index) => ({
      ...endedJob(index, now - (index + 1) * HOUR_MS),
      best: bestOf(index),
    })),
  );
}

/** Records `count` jobs that run as the process `identity`, which writes their status files. @returns their ids */
export function recordRunningJobs(root: string, count: number, identity: ProcessIdentity): string[] {
  const now = Date.now();
  return recordJobs(
    root,
    Array.from({ length: count }, (_, index) => {
      const job = queuedJob(`live ${index + 1}`, now + index, progressAt(0, 0));
      const handle = prepareHandle({ jobId: job.id, attempt: 1, gpus: null }, [], []);
      return {
        ...job,
        state: { status: 'RUNNING' as const, startedAt: now },
        handle: recognizeProcesses(handle, { supervisor: identity, trainer: identity }),
      };
    }),
  );
}

function recordJobs(root: string, jobs: readonly Job[]): string[] {
  const home = homeAt(root);
  makeFolders(home);
  const database = openDatabase(home.database, root);
  try {
    const fleet = createFleetRecord(database);
    const record = createJobRecord(database, fleet);
    for (const job of jobs) record.add(job, fleet.next(), null);
  } finally {
    database.close();
  }
  return jobs.map(({ id }) => id);
}

function endedJob(index: number, at: number): Job {
  const times = { startedAt: at + 2000, finishedAt: at + 600_000 };
  const failed = index % 11 === 5;
  const stopped = index % 7 === 3;
  const state: JobState = failed
    ? {
        ...times,
        status: 'ERROR',
        failure: {
          reason: 'OUT_OF_MEMORY',
          message: 'The training used more memory than there is. Use a smaller batchSize, or a smaller model.',
          exitCode: null,
          signal: 'SIGKILL',
          peakMemoryBytes: 6.2e9,
          lastLogLines: [],
        },
      }
    : { ...times, status: stopped ? 'STOPPED' : 'COMPLETED' };
  const progress = progressAt(failed || stopped ? 20 + (index % 60) : 100, 0.02 + (index % 50) / 100);
  const name = `${['baseline', 'wide network', 'low rate', 'dropout'][index % 4] ?? ''} ${index + 1}`;
  const job = queuedJob(name, at, progress);
  const tags = index % 3 === 0 ? ['nightly'] : index % 5 === 0 ? ['paper', 'v2'] : [];
  return { ...job, request: { ...job.request, tags }, state };
}

function progressAt(percent: number, loss: number): Progress {
  return {
    percent,
    epoch: Math.round(percent),
    epochs: 100,
    step: Math.round(percent * 100),
    totalSteps: 10_000,
    loss: loss || null,
    metrics: loss ? { loss, val_loss: loss * 1.2 } : {},
    message: null,
    samplesPerSecond: null,
    etaSeconds: null,
    updatedAt: Date.now(),
  };
}

function queuedJob(name: string, at: number, progress: Progress): Job {
  return aJob({
    id: newJobId(at),
    createdAt: at,
    progress,
    transitions: [{ status: 'QUEUED', at, progress }],
    request: { name, epochs: 100, learningRate: 0.03 },
  });
}
