import { expect } from 'vitest';
import { createClient as createWsClient } from 'graphql-ws';
import { createClient as createSseClient } from 'graphql-sse';

/** An answer of the API. */
export interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly ApiFailure[];
}

export interface ApiFailure {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

/** Sends one operation over HTTP. */
export async function send<Data = Record<string, unknown>>(
  url: string,
  query: string,
  variables: object = {},
): Promise<Answer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer<Data>;
}

const START = `mutation ($input: StartTrainingInput!) {
  startTraining(input: $input) {
    __typename
    ... on StartTrainingSuccess { job { id progress { cursor status } } }
    ... on Error { message }
    ... on InvalidInputError { path }
  }
}`;

export interface StartResult {
  readonly __typename: string;
  readonly message?: string;
  readonly path?: readonly string[];
  readonly job?: { readonly id: string; readonly progress: { readonly cursor: string; readonly status: string } };
}

/** Calls startTraining. @returns the answer, an error included */
export async function requestTraining(url: string, input: object): Promise<StartResult> {
  const { data, errors } = await send<{ startTraining: StartResult }>(url, START, { input });
  if (data == null) throw new Error(errors?.[0]?.message ?? 'no answer');
  return data.startTraining;
}

/** Starts a training that has to be accepted. */
export async function startTraining(url: string, input: object): Promise<{ id: string; cursor: string }> {
  const { job, message } = await requestTraining(url, input);
  if (job === undefined) throw new Error(message);
  return { id: job.id, cursor: job.progress.cursor };
}

export interface JobAnswer {
  readonly status: string;
  readonly simulation: boolean;
  readonly dataset: string;
  readonly progress: {
    readonly step: number;
    readonly totalSteps: number | null;
    readonly metrics: Record<string, number>;
  };
  readonly checkpoint: {
    readonly path: string;
    readonly bytes: number;
    readonly safetensorsPath: string | null;
  } | null;
  readonly failure: { readonly reason: string; readonly message: string } | null;
  readonly pid: number | null;
}

/** A job as it is now. */
export async function readJob(url: string, id: string): Promise<JobAnswer> {
  const { data, errors } = await send<{ job: JobAnswer | null }>(
    url,
    `query ($id: ID!) { job(id: $id) {
      status simulation dataset pid
      progress { step totalSteps metrics }
      checkpoint { path bytes safetensorsPath }
      failure { reason message }
    } }`,
    { id },
  );
  if (data?.job == null) throw new Error(errors?.[0]?.message ?? `no job ${id}`);
  return data.job;
}

/** One message of a job's feed. */
export interface FeedMessage {
  readonly cursor: string;
  readonly status: string;
  readonly percent: number;
  readonly step: number;
  readonly loss: number | null;
}

const WATCH = `subscription ($id: ID!, $after: String) {
  jobProgress(id: $id, after: $after) { cursor status percent step loss }
}`;

/** A way to subscribe, by the name of its transport. */
export interface Transport {
  readonly name: string;
  /** The raw answers of a subscription; returning from the loop closes the connection. */
  subscribe<Data>(url: string, query: string, variables: Variables): AsyncIterableIterator<Answer<Data>>;
}

type Variables = Record<string, unknown>;

/** The official graphql-ws client. Each feed has its own connection, so that one can be dropped. */
export const OVER_WEBSOCKET: Transport = {
  name: 'WebSocket',
  async *subscribe<Data>(url: string, query: string, variables: Variables) {
    const client = createWsClient({ url: `${url.replace(/^http/, 'ws')}/graphql`, retryAttempts: 0 });
    try {
      yield* client.iterate({ query, variables }) as AsyncIterable<Answer<Data>>;
    } catch (error) {
      // The protocol's `error` message, which the client throws as a list, is the same answer as an HTTP body with errors.
      if (!Array.isArray(error)) throw error;
      yield { errors: error as ApiFailure[] };
    } finally {
      await client.dispose();
    }
  },
};

/** The official graphql-sse client, in the distinct connections mode. */
export const OVER_SSE: Transport = {
  name: 'SSE',
  async *subscribe<Data>(url: string, query: string, variables: Variables) {
    const client = createSseClient({ url: `${url}/graphql`, retryAttempts: 0 });
    try {
      yield* client.iterate({ query, variables }) as AsyncIterable<Answer<Data>>;
    } finally {
      client.dispose();
    }
  },
};

/** The raw answers of a job's feed. */
export function watchFeed(
  transport: Transport,
  url: string,
  id: string,
  after: string | null = null,
): AsyncIterableIterator<Answer<{ jobProgress: FeedMessage }>> {
  return transport.subscribe(url, WATCH, { id, after });
}

/** Reads a feed until it completes, or until `enough` says so, which drops the connection. */
export async function readFeed(
  transport: Transport,
  url: string,
  id: string,
  { after = null, enough = () => false }: { after?: string | null; enough?: (message: FeedMessage) => boolean } = {},
): Promise<FeedMessage[]> {
  const messages: FeedMessage[] = [];
  for await (const { data, errors } of watchFeed(transport, url, id, after)) {
    if (data == null) throw new Error(errors?.[0]?.message ?? 'the feed gave nothing');
    messages.push(data.jobProgress);
    if (enough(data.jobProgress)) break;
  }
  return messages;
}

/** The statuses of messages, each change once. */
export function statusesOf(messages: readonly FeedMessage[]): string[] {
  return messages.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
}

/** Fails when messages that followed each other, on one connection or several, go back or come twice. */
export function expectGoingOn(messages: readonly FeedMessage[]): void {
  const cursors = messages.map(({ cursor }) => cursor);
  expect(cursors).toEqual([...new Set(cursors)]);
  const steps = messages.map(({ step }) => step);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
}
