import { setTimeout as delay } from 'node:timers/promises';
import type { JobStatus } from '../../src/runner/index.ts';
import type { Answer } from './history.ts';

const START = `mutation ($input: StartTrainingInput!) { startTraining(input: $input) {
  __typename ... on StartTrainingSuccess { job { id } } ... on Error { message } } }`;
const START_ALL = `mutation ($inputs: [StartTrainingInput!]!) { startTrainings(inputs: $inputs) {
  __typename ... on StartTrainingsSuccess { jobs { id } } ... on Error { message } } }`;
const STOP = `mutation ($input: StopTrainingInput!) { stopTraining(input: $input) {
  __typename ... on StopTrainingSuccess { job { status } } ... on Error { message } } }`;
const JOBS = `{ jobs(first: 200) { edges { node {
  id status finishedAt failure { reason signal } checkpoint { path } } } } }`;
const METRICS = `query ($id: ID!) { job(id: $id) { metrics(names: ["loss"]) { points { step } } } }`;

const ANSWER_MS = 10_000;
const PAUSE_MS = 30;

/** A client that repeats its request until a server answers. */
export interface RetryingClient {
  /** Starts a simulated training. Returns its id. @throws when the server refuses */
  start(key: string, input: { epochs: number; batchSize: number }): Promise<string>;
  /** Starts several simulated trainings, all or none. Returns their ids. @throws when the server refuses */
  startAll(inputs: readonly object[]): Promise<string[]>;
  pauseQueue(): Promise<void>;
  resumeQueue(): Promise<void>;
  setGroupLimit(group: string, limit: number): Promise<void>;
  /** Does nothing if a job does not wait any more. */
  moveJob(id: string, neighbour: { readonly before: string } | { readonly after: string }): Promise<void>;
  /** `YES` if the stop was accepted, `NO` if the job had already ended. */
  stop(jobId: string, graceSeconds: number): Promise<'YES' | 'NO'>;
  /** Number of jobs in the queue. */
  waiting(): Promise<number>;
  /** Every job as it is now. */
  jobs(): Promise<Answer[]>;
  /** The steps with a loss in the API. */
  metricSteps(jobId: string): Promise<number[]>;
}

/** @param stopped ends every attempt to get an answer */
export function createRetryingClient(url: string, stopped: AbortSignal): RetryingClient {
  async function ask<Data>(query: string, variables: object = {}): Promise<Data> {
    for (;;) {
      stopped.throwIfAborted();
      const answer = await post(url, query, variables);
      if (answer?.errors) throw new Error(`the API failed: ${JSON.stringify(answer.errors)}`);
      if (answer?.data != null) return answer.data as Data;
      await delay(PAUSE_MS);
    }
  }

  return {
    async start(key, input) {
      const { startTraining: result } = await ask<{ startTraining: Result<{ id: string }> }>(START, {
        input: { backend: 'SIMULATION', idempotencyKey: key, ...input },
      });
      if (!result.job) throw new Error(`startTraining was refused: ${result.__typename}: ${result.message ?? ''}`);
      return result.job.id;
    },
    async startAll(inputs) {
      const { startTrainings: result } = await ask<{ startTrainings: Result<never> & { jobs?: { id: string }[] } }>(
        START_ALL,
        { inputs: inputs.map((input) => ({ backend: 'SIMULATION', ...input })) },
      );
      if (!result.jobs) throw new Error(`startTrainings was refused: ${result.__typename}: ${result.message ?? ''}`);
      return result.jobs.map(({ id }) => id);
    },
    async pauseQueue() {
      await ask('mutation { pauseQueue { __typename } }');
    },
    async resumeQueue() {
      await ask('mutation { resumeQueue { __typename } }');
    },
    async setGroupLimit(group, limit) {
      const variables = { input: { group, limit } };
      await ask('mutation ($input: SetGroupLimitInput!) { setGroupLimit(input: $input) { __typename } }', variables);
    },
    async moveJob(id, neighbour) {
      const variables = { input: { id, ...neighbour } };
      await ask('mutation ($input: MoveJobInput!) { moveJob(input: $input) { __typename } }', variables);
    },
    async stop(jobId, graceSeconds) {
      const { stopTraining: result } = await ask<{ stopTraining: Result<{ status: JobStatus }> }>(STOP, {
        input: { id: jobId, graceSeconds },
      });
      if (!result.job && result.__typename !== 'AlreadyEndedError') {
        throw new Error(`stopTraining was refused: ${result.__typename}: ${result.message ?? ''}`);
      }
      return result.job?.status === 'STOPPING' || result.job?.status === 'STOPPED' ? 'YES' : 'NO';
    },
    async waiting() {
      return (await ask<{ queue: { waiting: number } }>('{ queue { waiting } }')).queue.waiting;
    },
    async jobs() {
      const { jobs } = await ask<{ jobs: { edges: { node: JobNode }[] } }>(JOBS);
      return jobs.edges.map(({ node }) => ({
        jobId: node.id,
        status: node.status,
        reason: node.failure?.reason ?? null,
        signal: node.failure?.signal ?? null,
        finishedAt: node.finishedAt,
        checkpoint: node.checkpoint?.path ?? null,
      }));
    },
    async metricSteps(jobId) {
      const { job } = await ask<{ job: { metrics: { points: { step: number }[] }[] } | null }>(METRICS, { id: jobId });
      return job?.metrics[0]?.points.map(({ step }) => step) ?? [];
    },
  };
}

interface Result<Job> {
  readonly __typename: string;
  readonly message?: string;
  readonly job?: Job;
}

interface JobNode {
  readonly id: string;
  readonly status: JobStatus;
  readonly finishedAt: string | null;
  readonly failure: { readonly reason: string; readonly signal: string | null } | null;
  readonly checkpoint: { readonly path: string } | null;
}

/** Null if there was no server, or it exited before it answered. */
async function post(
  url: string,
  query: string,
  variables: object,
): Promise<{ data?: unknown; errors?: unknown } | null> {
  try {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return (await response.json()) as { data?: unknown; errors?: unknown };
  } catch {
    return null;
  }
}
