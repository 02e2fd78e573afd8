import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../../src/cli/environment/paths.ts';
import { type RunningCommand, runCommand } from '../support/command.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { docBlocks } from '../support/doc-blocks.ts';
import { PYTHON } from '../support/runner.ts';
import { startTestServer } from '../support/server-process.ts';

const PROGRAMS = docBlocks('docs/clients.md');

test('the page has a program for each client', () => {
  expect(PROGRAMS.map(({ heading }) => heading)).toEqual([
    'curl',
    'graphql-ws',
    'Apollo Client',
    'urql',
    'graphql-sse',
    'Python',
  ]);
});

test.for(PROGRAMS)('$heading starts, watches, loses its connection, continues, and stops', async (program) => {
  await using server = await startTestServer();
  await using proxy = await startCuttingProxy(server.port);
  using running = start(program, proxy.url);
  const { command } = running;

  await command.says(/RUNNING step [1-9]/);
  // In the middle of the feed, at any message.
  expect(proxy.cut()).toBeGreaterThan(0);
  expect(await command.ended, command.output()).toBe(0);

  const [watched, stopped, ...others] = feedsIn(command.output());
  expect(others).toEqual([]);
  expect(distinct(watched)).toEqual(
    ['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED'].slice(-distinct(watched).length),
  );
  expect(distinct(stopped).at(-1)).toBe('STOPPED');
  for (const feed of [watched, stopped]) {
    const steps = feed?.map(({ step }) => step) ?? [];
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  }
  if (program.heading === 'Apollo Client') expect(command.output()).toContain('cached COMPLETED');
  // Messages arrived after the cut too.
  expect(watched?.filter(({ status }) => status === 'RUNNING').length).toBeGreaterThan(2);
});

test.for(PROGRAMS)('$heading detects a silent connection, and continues without a gap or a repeat', async (program) => {
  await using server = await startTestServer();
  await using proxy = await startCuttingProxy(server.port);
  using running = start({ ...program, code: withShortTimeouts(program.code) }, proxy.url);
  const { command } = running;

  await command.says(/RUNNING step [1-9]/);
  expect(proxy.silence()).toBeGreaterThan(0);
  expect(await command.ended, command.output()).toBe(0);

  const [watched, stopped] = feedsIn(command.output());
  expect(distinct(watched)).toEqual(
    ['QUEUED', 'STARTING', 'LOADING', 'RUNNING', 'COMPLETED'].slice(-distinct(watched).length),
  );
  expect(distinct(stopped).at(-1)).toBe('STOPPED');
  const steps = watched?.map(({ step }) => step) ?? [];
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
});

/** The program with timeouts of some seconds. The server pings more often in tests. */
function withShortTimeouts(code: string): string {
  const short = code
    .replace('read -r -t 18', 'read -r -t 3')
    .replace('timeout=18', 'timeout=3')
    .replace('18_000', '3_000')
    .replaceAll('8_000', '1_500')
    .replace('createLiveClient({', 'createLiveClient({ keepAlive: 1500, pongTimeout: 1500,');
  expect(short).not.toBe(code);
  return short;
}

/** Runs a program of the page next to package.json, where its imports are found. Only the name of our own package is changed. */
function start(
  { language, code }: { language: string; code: string },
  url: string,
): Disposable & { command: RunningCommand } {
  const environment = { ...process.env, TRAINYARD_URL: url, PYTHONUNBUFFERED: '1' };
  if (language === 'sh') {
    return { command: runCommand('bash', ['-uc', code], { environment }), [Symbol.dispose]: () => undefined };
  }
  const file = join(REPOSITORY_ROOT, `.client-${process.pid}.${language === 'py' ? 'py' : 'mjs'}`);
  writeFileSync(file, code.replace("'trainyard/client'", "'./src/client/index.ts'"));
  const command = runCommand(language === 'py' ? PYTHON : process.execPath, [file], { environment });
  return { command, [Symbol.dispose]: () => rmSync(file) };
}

interface State {
  readonly status: string;
  readonly step: number;
}

/** The printed lines of each job, in the order in which the jobs first appear. */
function feedsIn(output: string): State[][] {
  const feeds = new Map<string, State[]>();
  for (const [, id = '', status = '', step] of output.matchAll(/^(job_\w+) ([A-Z]+) step (\d+)$/gm)) {
    feeds.set(id, [...(feeds.get(id) ?? []), { status, step: Number(step) }]);
  }
  return [...feeds.values()];
}

const distinct = (feed: readonly State[] = []): string[] =>
  feed.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
