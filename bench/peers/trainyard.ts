import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../test/support/until.ts';
import { type ProtectedServer, startProtectedServer } from '../protected-server.ts';
import type { Followed } from './followed.ts';

const START = `mutation ($input: StartTrainingInput!) {
  startTraining(input: $input) { ... on StartTrainingSuccess { job { id } } ... on Error { message } }
}`;
const PAGE = `query ($first: Int!, $orderBy: JobOrder) {
  jobs(first: $first, orderBy: $orderBy) {
    edges { node {
      id name tags status createdAt startedAt finishedAt epochs learningRate best { name value }
      progress { percent epoch step loss }
    } }
  }
}`;

/** Starts simulated jobs with a fork server, and follows their progress over a WebSocket. */
export async function followTrainyard(count: number): Promise<Followed> {
  await using server = await startProtectedServer({
    environment: {
      TRAINYARD_WARM_START: 'on',
      TRAINYARD_LOG_LEVEL: 'debug',
      // A report every 5 steps.
      TRAINYARD_SIMULATION_STEP_SECONDS: '0.02',
    },
  });
  await until('the fork server is ready', () => server.output().includes('the fork server is ready'), 120);
  // The first job compiles the code.
  await follow(server);
  const all: Followed[] = [];
  for (let run = 0; run < count; run += 1) all.push(await follow(server));
  return { firsts: all.flatMap(({ firsts }) => firsts), delays: all.flatMap(({ delays }) => delays) };
}

async function follow(server: ProtectedServer): Promise<Followed> {
  const client = server.connect();
  const requestedAt = performance.now();
  const input = { backend: 'SIMULATION', epochs: 50 };
  const { startTraining } = await server.query<{ startTraining: { job?: { id: string } } }>(START, { input });
  if (!startTraining.job) throw new Error(`The job was not started: ${JSON.stringify(startTraining)}`);
  const query = `subscription { jobProgress(id: "${startTraining.job.id}") { status step updatedAt } }`;
  let first: number | undefined;
  const delays: number[] = [];
  for await (const { data } of client.iterate<{
    jobProgress: { status: string; step: number; updatedAt: string };
  }>({ query })) {
    if (!data) throw new Error('The feed of the job has an error.');
    const { status, step, updatedAt } = data.jobProgress;
    if (status !== 'RUNNING') continue;
    first ??= performance.now() - requestedAt;
    if (step > 0) delays.push(performance.timeOrigin + performance.now() - Date.parse(updatedAt));
  }
  await client.dispose();
  if (first === undefined) throw new Error('The job has reported nothing.');
  return { firsts: [first], delays };
}

/** Trainyard's server on a home with jobs. */
export interface JobsServer extends AsyncDisposable {
  /** Requests a page of jobs, newest first or by a metric. */
  page(size: number, orderBy: 'CREATED_AT' | 'METRIC'): Promise<void>;
}

/** @param record adds the jobs to a home */
export async function startTrainyardWith(record: (home: string) => void): Promise<JobsServer> {
  const home = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
  record(home);
  const server = await startProtectedServer({ home });
  return {
    async page(size, field) {
      const orderBy = field === 'METRIC' ? { field, direction: 'ASC', metric: 'val_loss' } : null;
      const { jobs } = await server.query<{ jobs: { edges: unknown[] } }>(PAGE, { first: size, orderBy });
      if (jobs.edges.length !== size) throw new Error(`Trainyard answered with ${jobs.edges.length} jobs.`);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
