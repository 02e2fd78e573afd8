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

/** Whether `value` has the shape of the example: the same names in the same order, and the same types, or null. */
function isLike(shown: unknown, value: unknown): boolean {
  if (value === null) return true;
  if (Array.isArray(shown) && Array.isArray(value)) return value.every((part) => isLike(shown[0], part));
  if (typeof shown !== 'object' || shown === null || typeof value !== 'object') return typeof shown === typeof value;
  const [names, parts] = [Object.entries(shown), Object.entries(value)];
  if ('val_loss' in shown) return true; // The reported metrics depend on the trainer.
  return (
    names.length === parts.length &&
    names.every(([name, part], index) => parts[index]?.[0] === name && isLike(part, parts[index][1]))
  );
}

test.each(['jobProgress', 'jobLog'])('the example message of %s has the fields of a real one', async (field) => {
  await using server = await startTestServer();
  const { query, message } = shown(field);
  const { id } = await startTraining(server.url, { epochs: 20, options: { patience: 0 } });
  let messages = 0;
  for await (const { data, errors } of OVER_WEBSOCKET.subscribe<Record<string, object>>(server.url, query, { id })) {
    expect(errors).toBeUndefined();
    expect(isLike(message, data?.[field]), JSON.stringify(data)).toBe(true);
    messages += 1;
  }
  expect(messages).toBeGreaterThan(0);
});

test('the example message of jobsChanged, after a page of jobs, has the fields of a real one', async () => {
  await using server = await startTestServer();
  const { query, message } = shown('jobsChanged');
  const list = BLOCKS.find(({ heading, language }) => heading === 'jobsChanged' && language === 'graphql')?.code ?? '';
  const { data: page, errors } = await send<{ jobs: { changesCursor: string } }>(server.url, list);
  expect(errors).toBeUndefined();
  // It must not end before the subscription: then there would be no change.
  await startTraining(server.url, { name: 'houses', tags: ['nightly'], epochs: 1_000_000 });
  const after = page?.jobs.changesCursor;
  const kinds: unknown[] = [];
  for await (const { data } of OVER_SSE.subscribe<{ jobsChanged: typeof message }>(server.url, query, { after })) {
    expect(isLike(message, data?.jobsChanged), JSON.stringify(data)).toBe(true);
    kinds.push(data?.jobsChanged['kind']);
    if (kinds.includes('CHANGED')) break;
  }
  expect(kinds[0]).toBe('ADDED');
});
