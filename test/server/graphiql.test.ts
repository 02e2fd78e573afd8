import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { ask, serve } from './support.ts';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('a browser gets GraphiQL with its script inside, and cannot load anything from another host', async () => {
  const { status, headers, text } = await ask(await serve(), { headers: HTML });
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  const outside = [
    ...text
      .replace(/<script>[\s\S]*?<\/script>/g, '')
      .matchAll(/<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)="([^"]*)"/g),
  ]
    .map(([, target]) => target ?? '')
    .filter((target) => !target.startsWith('data:'));
  expect(outside).toEqual([]);

  const policy = new Map(
    String(headers['content-security-policy'])
      .split('; ')
      .map((directive) => [directive.split(' ', 1)[0], directive.split(' ').slice(1)]),
  );
  expect(policy.get('default-src')).toEqual(["'none'"]);
  expect(policy.get('connect-src')).toEqual(["'self'"]);
  expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
  // No host and no scheme but those of what is inside the page.
  expect([...policy.values()].flat().filter((source) => !source.startsWith("'"))).toEqual(['blob:', 'data:', 'data:']);

  const scripts = [...text.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
  expect(scripts.join('').length).toBeGreaterThan(1_000_000);
  expect(policy.get('script-src')).toEqual(
    scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`),
  );
});

test('the page opens with an operation for each thing to try', async () => {
  const { text } = await ask(await serve(), { headers: HTML });
  const tabs = /"defaultTabs":(\[.*?\]),"subscriptionsProtocol":"SSE"/s.exec(text)?.[1] ?? '[]';
  const names = (JSON.parse(tabs) as { query: string }[]).map(({ query }) => /^\w+ (\w+)/m.exec(query)?.[1]);
  expect(names).toEqual(['Start', 'Watch', 'Stop', 'List', 'Inspect']);
});

test('the page is sent compressed, and not again when the browser has it', async () => {
  const server = await serve();
  const zipped = await fetch(`${server.url}/graphql`, { headers: { ...HTML, 'accept-encoding': 'gzip' } });
  expect(zipped.headers.get('content-encoding')).toBe('gzip');
  expect(Number(zipped.headers.get('content-length'))).toBeLessThan(4_000_000);
  expect(await zipped.text()).toContain('<title>Trainyard</title>');
  const etag = zipped.headers.get('etag') ?? '';
  expect((await ask(server, { headers: { ...HTML, 'if-none-match': etag } })).status).toBe(304);
});

test('a program that asks for JSON gets no page', async () => {
  const answer = await ask(await serve(), {
    path: `/graphql?query=${encodeURIComponent('{ __typename }')}`,
    headers: { accept: 'application/json' },
  });
  expect(answer.json()).toEqual({ data: { __typename: 'Query' } });
});
