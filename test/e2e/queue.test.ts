import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { send, startTraining } from '../support/api-client.ts';
import { temporaryHome } from '../support/home.ts';
import { startTestServer } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const JOBS = 100;
const SLOTS = 2;
const KILLS = 3;

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly priority: number;
  readonly attempt: number;
  readonly createdAt: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

async function listJobs(url: string): Promise<readonly Listed[]> {
  const { data } = await send<{ jobs: { edges: { node: Listed }[] } }>(
    url,
    `{ jobs(first: 200, filter: { tags: ["queued"] }, orderBy: { field: CREATED_AT, direction: ASC }) {
      edges { node { id status priority attempt createdAt startedAt finishedAt } }
    } }`,
  );
  return data?.jobs.edges.map(({ node }) => node) ?? [];
}

/** The maximum number of jobs that ran at the same time. */
function mostAtOnce(jobs: readonly Listed[]): number {
  const changes = jobs.flatMap(({ startedAt, finishedAt }) => [
    { at: startedAt, by: 1 },
    { at: finishedAt, by: -1 },
  ]);
  // Of two at the same millisecond the end comes first: its slot is what the other got.
  changes.sort((a, b) => a.at.localeCompare(b.at) || a.by - b.by);
  let now = 0;
  return Math.max(...changes.map(({ by }) => (now += by)));
}

test('a hundred jobs finish in order of priority over two slots, never more than two at once, through three server kills', async () => {
  const home = temporaryHome();
  const environment = { TRAINYARD_MAX_RUNNING: String(SLOTS) };
  let server = await startTestServer({ home, environment });
  const { port } = server;
  try {
    // Both slots are taken until all the others wait.
    const first = await Promise.all(
      Array.from({ length: SLOTS }, () => startTraining(server.url, { backend: 'SIMULATION', epochs: 100_000 })),
    );
    for (let index = 0; index < JOBS; index += 1) {
      // 0, 3, 6, 9, 2, 5, ...: priorities in no order.
      await startTraining(server.url, {
        backend: 'SIMULATION',
        epochs: 2,
        priority: (index * 3) % 10,
        tags: ['queued'],
      });
    }
    for (const { id } of first) {
      await send(server.url, 'mutation ($id: ID!) { stopTraining(input: { id: $id }) { __typename } }', { id });
    }
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const due = (kill * JOBS) / (KILLS + 1);
      await until(`${due} have ended`, async () => {
        const ended = (await listJobs(server.url)).filter(({ status }) => status === 'COMPLETED');
        return ended.length >= due;
      });
      await server.end('SIGKILL');
      await delay(kill * 100);
      server = await startTestServer({ home, port, environment });
    }
    const jobs = await until('all have ended', async () => {
      const all = await listJobs(server.url);
      return all.every(({ status }) => status === 'COMPLETED') && all;
    });
    expect(jobs).toHaveLength(JOBS);
    expect(jobs.every(({ attempt }) => attempt === 1)).toBe(true);
    expect(mostAtOnce(jobs)).toBeLessThanOrEqual(SLOTS);
    // Started two at a time, so neighbours of one priority may swap; priorities never do.
    const started = jobs.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)).map(({ priority }) => priority);
    for (const [index, priority] of started.entries()) {
      expect(Math.abs(priority - (9 - Math.floor(index / (JOBS / 10))))).toBeLessThanOrEqual(1);
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
});
