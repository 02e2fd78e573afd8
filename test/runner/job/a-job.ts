import { noProgress } from '../../../src/runner/job/next-attempt.ts';
import type { TrainingRequest } from '../../../src/runner/job/request.ts';
import type { Job } from '../../../src/runner/job/types.ts';

/** A queued job with the given differences. */
export function aJob({
  request,
  ...rest
}: Partial<Omit<Job, 'request'>> & { request?: Partial<TrainingRequest> } = {}): Job {
  const progress = noProgress(10, 1000);
  return {
    id: 'job_1000_0123abcd',
    createdAt: 1000,
    startedBy: null,
    attempt: 1,
    place: 0,
    unmet: [],
    state: { status: 'QUEUED' },
    health: 'OK',
    progress,
    transitions: [{ status: 'QUEUED', at: 1000, progress }],
    sequence: 1,
    simulation: false,
    device: null,
    host: null,
    handle: null,
    checkpoint: null,
    findsCheckpoint: null,
    notes: '',
    best: {},
    score: null,
    retries: 0,
    retryAt: null,
    killedAt: null,
    stop: null,
    peakMemoryBytes: null,
    ...rest,
    request: {
      name: null,
      tags: [],
      trainer: 'tabular',
      backend: 'AUTO',
      dataset: 'sample.csv',
      epochs: 10,
      batchSize: 32,
      learningRate: 0.01,
      seed: 0,
      options: {},
      arguments: [],
      processes: 1,
      priority: 0,
      dependsOn: [],
      group: null,
      notBefore: null,
      gpus: null,
      retry: null,
      timeLimitSeconds: null,
      stallLimitSeconds: null,
      ...request,
    },
  };
}
