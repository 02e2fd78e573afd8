/**
 * The delay from a trainer's write to a subscriber, as a ratio to the kernel's minimum (a bare `fs.watch` in this process, of the same
 * writes), and the delay until a killed trainer is ERROR. `node bench/live-feed.ts`; needs Python.
 */
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { readJob, startTraining } from '../test/support/api-client.ts';
import { startTestServer } from '../test/support/server-process.ts';

const KILLS = 10;

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const percentile = (values: readonly number[], part: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? NaN;
const now = () => performance.timeOrigin + performance.now();

await using server = await startTestServer({ environment: { TRAINYARD_SIMULATION_STEP_SECONDS: '0.02' } });
const client = createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, lazy: false });

async function delays(): Promise<void> {
  const floor: number[] = [];
  const feed: number[] = [];
  const folder = join(server.home, 'artifacts', 'jobs');
  const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 500 });
  const watcher = watch(folder, (_, name) => {
    const seen = now();
    if (name !== `${id}.json`) return;
    void readFile(join(folder, name), 'utf8').then((text) => {
      floor.push(seen - (JSON.parse(text) as { updated_at: number }).updated_at * 1000);
    });
  });
  // The status file says when it was written, so both are measured against the writer's own clock on this machine.
  const query = `subscription { jobProgress(id: "${id}") { updatedAt step } }`;
  for await (const { data } of client.iterate<{ jobProgress: { updatedAt: string; step: number } }>({ query })) {
    if (data && data.jobProgress.step > 1) feed.push(now() - Date.parse(data.jobProgress.updatedAt));
  }
  watcher.close();
  console.log(`events: ${feed.length} over WebSocket, ${floor.length} by fs.watch`);
  console.log(`write to subscriber: median ${median(feed).toFixed(1)} ms, p99 ${percentile(feed, 0.99).toFixed(1)} ms`);
  console.log(
    `write to fs.watch:   median ${median(floor).toFixed(1)} ms, p99 ${percentile(floor, 0.99).toFixed(1)} ms`,
  );
  console.log(`ratio of the medians: ${(median(feed) / median(floor)).toFixed(2)}`);
}

async function kills(): Promise<void> {
  const taken: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const { id } = await startTraining(server.url, { backend: 'SIMULATION', epochs: 100_000 });
    let killed = 0;
    const query = `subscription { jobProgress(id: "${id}") { status step } }`;
    for await (const { data } of client.iterate<{ jobProgress: { status: string; step: number } }>({ query })) {
      if (data?.jobProgress.status === 'ERROR') taken.push(now() - killed);
      if (killed !== 0 || data?.jobProgress.status !== 'RUNNING') continue;
      const { pid } = await readJob(server.url, id);
      if (pid === null) throw new Error('the trainer has no pid');
      killed = now();
      process.kill(pid, 'SIGKILL');
    }
  }
  console.log(
    `SIGKILL to ERROR at the subscriber: median ${median(taken).toFixed(0)} ms, worst ${Math.max(...taken).toFixed(0)} ms of ${KILLS}`,
  );
}

await delays();
await kills();
await client.dispose();
