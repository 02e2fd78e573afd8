/**
 * The time of a prediction over HTTP: the first call, which starts a process and reads the model; calls for one row; and calls for
 * 1,000 rows; alone and from 8 clients at once. `node bench/predict.ts`; needs PyTorch.
 */
import { OVER_WEBSOCKET, readFeed, send, startTraining } from '../test/support/api-client.ts';
import { startTestServer } from '../test/support/server-process.ts';

const CALLS = 300;
const CLIENTS = 8;
const QUERY = `query ($id: ID!, $rows: [JSON!]!) {
  predict(jobId: $id, rows: $rows) { ... on PredictSuccess { predictions { value } } ... on Error { message } }
}`;

await using server = await startTestServer();
const { id } = await startTraining(server.url, { epochs: 20, backend: 'TORCH' });
await readFeed(OVER_WEBSOCKET, server.url, id);

async function call(rows: readonly object[]): Promise<number> {
  const started = performance.now();
  const { data } = await send<{ predict: { predictions?: unknown[] } }>(server.url, QUERY, { id, rows });
  if (data?.predict.predictions?.length !== rows.length) throw new Error(JSON.stringify(data));
  return performance.now() - started;
}

async function calls(count: number, rows: readonly object[]): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) times.push(await call(rows));
  return times;
}

function report(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor(sorted.length * part)] ?? NaN).toFixed(1);
  console.log(`${what}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms (${times.length} calls)`);
}

const one = [{ x: 1.5 }];
const thousand = Array.from({ length: 1000 }, (_, row) => ({ x: row / 100 }));
console.log(`first call: ${(await call(one)).toFixed(0)} ms`);
report('one row', await calls(CALLS, one));
report('1,000 rows', await calls(CALLS / 10, thousand));
const together = await Promise.all(Array.from({ length: CLIENTS }, () => calls(CALLS / CLIENTS, one)));
report(`one row, ${CLIENTS} clients`, together.flat());
