import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, OVER_SSE, OVER_WEBSOCKET, send, startTraining, type Transport } from '../support/api-client.ts';
import { startTestServer, type TestServer } from '../support/server-process.ts';

interface Page {
  readonly cursor: string;
  readonly gap: boolean;
  readonly lines: readonly { readonly text: string; readonly stream: string }[];
}

const WATCH = `subscription ($id: ID!, $last: Int, $after: String) {
  jobLog(id: $id, last: $last, after: $after) { cursor gap lines { text stream } } }`;
const READ = 'query ($id: ID!) { job(id: $id) { log(last: 10000) { cursor gap lines { text stream } } } }';
/** An epoch a line, and 150 of them. */
const SIMULATION = { backend: 'SIMULATION', epochs: 150, batchSize: 10 };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function wholeLog(id: string): Promise<Page> {
  const { data } = await send<{ job: { log: Page } }>(server.url, READ, { id });
  if (data == null) throw new Error('no log');
  return data.job.log;
}

describe.each([OVER_WEBSOCKET, OVER_SSE])('the log of a job over $name', (transport: Transport) => {
  const watch = (variables: Record<string, unknown>): AsyncIterableIterator<Answer<{ jobLog: Page }>> =>
    transport.subscribe(server.url, WATCH, variables);

  test('arrives line by line up to the last one, also over dropped connections, and then completes', async () => {
    const { id } = await startTraining(server.url, SIMULATION);
    const lines: Page['lines'][number][] = [];
    let after: string | null = null;
    for (let connection = 0; ; connection += 1) {
      let pages = 0;
      let dropped = false;
      for await (const { data } of watch({ id, last: 10_000, after })) {
        if (data == null) throw new Error('the feed gave nothing');
        expect(data.jobLog.gap).toBe(false);
        lines.push(...data.jobLog.lines);
        after = data.jobLog.cursor;
        pages += 1;
        if (connection < 3 && pages === 3) {
          dropped = true;
          break;
        }
      }
      if (!dropped) break;
    }
    const log = await wholeLog(id);
    expect(log.lines.length).toBeGreaterThan(3);
    expect(lines).toEqual(log.lines);
  });

  test('of a job that has ended is its newest lines and the end', async () => {
    const { id } = await startTraining(server.url, { ...SIMULATION, epochs: 2 });
    for await (const { errors } of watch({ id })) expect(errors).toBeUndefined();
    const pages: Page[] = [];
    for await (const { data } of watch({ id, last: 1 })) if (data) pages.push(data.jobLog);
    expect(pages.map(({ lines }) => lines)).toEqual([(await wholeLog(id)).lines.slice(-1)]);
  });

  test('of an unknown job is an error with a code, and so are lines out of bounds', async () => {
    const codes: (string | undefined)[] = [];
    const { id } = await startTraining(server.url, { ...SIMULATION, epochs: 1 });
    for (const variables of [{ id: 'job_1_00000000' }, { id, last: 0 }]) {
      for await (const { errors } of watch(variables)) codes.push(errors?.[0]?.extensions?.code);
    }
    expect(codes).toEqual(['JOB_NOT_FOUND', 'INVALID_INPUT']);
  });
});
