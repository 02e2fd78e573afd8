import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { type Client, createClient } from 'graphql-ws';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Job, Runner, RunnerSettings } from '../../src/runner/index.ts';
import type { Limits } from '../../src/server/limits/limits.ts';
import { createMetrics } from '../../src/server/metrics/metrics.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../src/server/server.ts';
import type { LogLevel } from '../../src/settings/settings.ts';
import { temporaryHome } from '../support/home.ts';
import { startRunner } from '../support/runner.ts';

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly home: string;
  readonly runner: Runner;
  readonly server: RunningServer;
  /** The log so far. */
  readonly log: readonly {
    readonly level: number;
    readonly msg: string;
    readonly requestId?: string;
    readonly operationId?: string;
  }[];
}

/**
 * A real server on a free port over a real runner, closed after the test. Unless `runner.maxRunning` says otherwise no job is
 * ever launched: they wait in the queue, so that the feed of a job stays open.
 */
export async function serve({
  settings = {},
  limits,
  runner: runnerSettings = {},
  logLevel = 'debug',
  home = temporaryHome(),
}: {
  settings?: Partial<ServerOptions['settings']>;
  limits?: Partial<Limits>;
  runner?: Partial<RunnerSettings>;
  logLevel?: LogLevel;
  /** Default: a new empty folder, removed at the end. */
  home?: string;
} = {}): Promise<TestServer> {
  const metrics = createMetrics();
  const runner = await startRunner(home, { maxRunning: 0, listeners: [metrics.listener], ...runnerSettings });
  const log: TestServer['log'][number][] = [];
  const server = await startServer({
    settings: { host: '127.0.0.1', port: 0, tokens: null, allowedHosts: [], allowedOrigins: [], ...settings },
    runner,
    logger: pino(
      { level: logLevel },
      { write: (line: string) => void log.push(JSON.parse(line) as TestServer['log'][number]) },
    ),
    metrics,
    limits,
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { url: server.url, port: server.port, home, runner, server, log };
}

/** Records a job that waits. */
export function queueJob(runner: Runner, name: string | null = null): Promise<Job> {
  return runner.start({ backend: 'SIMULATION', name });
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON. @throws if it is not JSON */
  json(): GraphQLAnswer;
}

export interface GraphQLAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string; readonly requestId?: string; readonly operationId?: string };
  }[];
}

/** One HTTP request with exactly these headers, including Host and Origin, which `fetch` does not allow. */
export async function ask(
  { port }: Pick<TestServer, 'port'>,
  {
    method = 'GET',
    path = '/graphql',
    headers = {},
    body,
  }: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: () => JSON.parse(text) as GraphQLAnswer,
  };
}

/** One operation as a JSON POST. */
export function post(
  server: Pick<TestServer, 'port'>,
  query: string,
  { variables, headers = {} }: { variables?: object | undefined; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return ask(server, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
}

/** The official graphql-ws client on one socket, without reconnection; closed after the test. */
export function connect({ port }: Pick<TestServer, 'port'>, connectionParams?: Record<string, unknown>): Client {
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(connectionParams === undefined ? {} : { connectionParams }),
  });
  onTestFinished(async () => client.dispose());
  return client;
}

/** All answers of one operation over WebSocket; the protocol's `error` message counts as an answer with errors. */
export async function overWebSocket(client: Client, query: string, variables = {}): Promise<GraphQLAnswer[]> {
  const answers: GraphQLAnswer[] = [];
  try {
    for await (const answer of client.iterate({ query, variables })) answers.push(answer as GraphQLAnswer);
  } catch (error) {
    if (!Array.isArray(error)) throw error;
    answers.push({ errors: error as NonNullable<GraphQLAnswer['errors']> });
  }
  return answers;
}

/** All answers of one operation as server-sent events, read to the end. */
export async function overSse(
  server: Pick<TestServer, 'port'>,
  query: string,
  headers: Record<string, string> = {},
): Promise<GraphQLAnswer[]> {
  const { text } = await post(server, query, { headers: { accept: 'text/event-stream', ...headers } });
  return [...text.matchAll(/^event: next\ndata: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as GraphQLAnswer);
}

/** Opens a WebSocket by hand. Resolves with the socket, or with the HTTP status if it is refused. */
export async function openSocket(
  { port }: Pick<TestServer, 'port'>,
  { path = '/graphql', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<WebSocket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, 'graphql-transport-ws', { headers });
  onTestFinished(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
}

/** The `extensions.code` of every error of an answer. */
export function codesOf({ errors = [] }: GraphQLAnswer): string[] {
  return errors.map(({ extensions }) => extensions.code);
}
