import { expect, test } from 'vitest';
import { OVER_SSE, OVER_WEBSOCKET, send, startTraining } from '../support/api-client.ts';
import { docBlocks } from '../support/doc-blocks.ts';
import { startTestServer } from '../support/server-process.ts';

const BLOCKS = docBlocks('docs/live.md');

/** The last operation under a heading, and the message that the page shows for it. */
function shown(heading: string): { query: string; message: Record<string, unknown> } {
  const blocks = BLOCKS.filter((block) => block.heading === heading);
  const query = blocks.findLast(({ language }) => language === 'graphql')?.code ?? '';
  const json = blocks.find(({ language }) => language === 'json')?.code ?? '{}';
  return { query, message: JSON.parse(json) as Record<string, unknown> };
}

/** What a value is made of, whatever it says: names and types, lists by their first entry. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shapeOf(part)]));
}

test.each(['jobProgress', 'jobLog'])('what the page shows of %s is what comes out of it', async (field) => {
  await using server = await startTestServer();
  const { query, message } = shown(field);
  const { id } = await startTraining(server.url, { epochs: 20, options: { patience: 0 } });
  const expected = JSON.stringify(shapeOf({ ...message, metrics: null }));
  const shapes: string[] = [];
  for await (const { data, errors } of OVER_WEBSOCKET.subscribe<Record<string, object>>(server.url, query, { id })) {
    expect(errors).toBeUndefined();
    shapes.push(JSON.stringify(shapeOf({ ...data?.[field], metrics: null })));
  }
  expect(shapes).toContain(expected);
});

test('what the page shows of jobsChanged, after a page of jobs, is what comes out of it', async () => {
  await using server = await startTestServer();
  const { query, message } = shown('jobsChanged');
  const list = BLOCKS.find(({ heading, language }) => heading === 'jobsChanged' && language === 'graphql')?.code ?? '';
  const { data: page, errors } = await send<{ jobs: { changesCursor: string } }>(server.url, list);
  expect(errors).toBeUndefined();
  await startTraining(server.url, { name: 'houses', tags: ['nightly'], epochs: 20 });
  const after = page?.jobs.changesCursor;
  const kinds: unknown[] = [];
  for await (const { data } of OVER_SSE.subscribe<{ jobsChanged: typeof message }>(server.url, query, { after })) {
    kinds.push(data?.jobsChanged['kind']);
    if (JSON.stringify(shapeOf(data?.jobsChanged)) !== JSON.stringify(shapeOf(message))) continue;
    break;
  }
  expect(kinds[0]).toBe('ADDED');
});
