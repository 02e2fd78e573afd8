import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { ask, post, serve } from './support.ts';

test('each request is one line with an id that its answer has too, and without what was sent', async () => {
  const server = await serve();
  const first = await post(server, 'query ($id: ID!) { job(id: $id) { id } }', { variables: { id: 'my-secret' } });
  await ask(server, { path: '/graphql?query=my-secret' });
  const requests = () => server.log.filter(({ msg }) => msg === 'request') as unknown as Record<string, unknown>[];
  await until('both are logged', () => requests().length === 2);
  expect(requests()[0]).toMatchObject({
    level: 20,
    requestId: first.headers['x-request-id'],
    method: 'POST',
    path: '/graphql',
    status: 200,
  });
  expect(JSON.stringify(server.log)).not.toContain('my-secret');
});
