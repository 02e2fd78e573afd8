import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { createLiveClient } from '../../client/index.ts';
import { ApiError, AuthenticationError, UnreachableError } from './errors.ts';
import { sendRequest, socketPathOf, webSocketOverSocket } from './transport.ts';

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 2000;
const CLOSED_NORMALLY = 1000;
const FORBIDDEN = 4403;

/** The API of a server, as the commands use it. */
export interface Api {
  /** For example `http://127.0.0.1:4000` or `unix:/run/lab/trainyard.sock`. */
  readonly url: string;
  /**
   * Sends a query or a mutation.
   * @throws UnreachableError, AuthenticationError, ApiError
   */
  request<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;
  /**
   * Downloads a file.
   * @param path for example `/jobs/<id>/log`
   * @throws UnreachableError, AuthenticationError, ApiError
   */
  download(path: string): Promise<Response>;
  /**
   * Uploads a file.
   * @param path for example `/datasets/houses.csv`
   * @throws UnreachableError, AuthenticationError, ApiError with the server's message
   */
  upload(path: string, content: Readable, bytes: number): Promise<void>;
  /**
   * Subscribes. After a lost connection it reconnects without a limit, and resumes at the last cursor. Leaving the loop unsubscribes.
   * @throws ApiError when the server rejects the subscription, or ends it with an error
   */
  subscribe<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): AsyncIterable<NonNullable<Data>>;
}

/** Whether a subscription has lost its connection or has reconnected. */
export type ConnectionState = 'LOST' | 'RECONNECTED';

export interface ApiOptions {
  readonly url: string;
  /** Sent as a bearer token; null sends none. */
  readonly token?: string | null;
  /** PEM of the certificate that requests accept, and no other. Default: those that Node accepts. Subscriptions do not use it. */
  readonly certificate?: string | undefined;
  /** Aborts requests and subscriptions in progress, which then throw its reason. */
  readonly signal: AbortSignal;
  /** Called when a subscription loses its connection, and when it has reconnected. */
  readonly onConnection?: (state: ConnectionState) => void;
}

/** Creates a client for the server at `url`. It connects at the first request. */
export function createApi({ url, token = null, certificate, signal, onConnection }: ApiOptions): Api {
  const authorization = token === null ? null : `Bearer ${token}`;
  const socketPath = socketPathOf(url);

  async function request<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    const response = await post(print(document), variables);
    const { data, errors } = await readResponse<Data>(response, url);
    if (response.status === 401) throw new AuthenticationError(authenticationMessage(url, token));
    if (errors?.[0] !== undefined || data == null) {
      const kind = errors?.[0]?.extensions?.code ?? null;
      throw new ApiError(
        errors?.map(({ message }) => message).join(' ') ?? `The response of ${url} has no data.`,
        kind,
      );
    }
    return data;
  }

  async function post(query: string, variables: unknown): Promise<Response> {
    const init = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json',
        ...(authorization === null ? {} : { authorization }),
      },
      body: JSON.stringify({ query, variables }),
      signal,
    } as const;
    try {
      if (socketPath !== null || certificate !== undefined) {
        return await sendRequest(url, { ...init, path: '/graphql', certificate });
      }
      return await fetch(`${url}/graphql`, init);
    } catch (error) {
      signal.throwIfAborted();
      throw new UnreachableError(unreachableMessage(url), { cause: error });
    }
  }

  async function download(path: string): Promise<Response> {
    const headers = authorization === null ? {} : { authorization };
    const response = await (
      socketPath === null
        ? fetch(`${url}${path}`, { headers, signal })
        : sendRequest(url, { method: 'GET', path, headers, signal })
    ).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new UnreachableError(unreachableMessage(url), { cause: error });
    });
    if (response.status === 401) throw new AuthenticationError(authenticationMessage(url, token));
    if (response.ok) return response;
    throw await downloadError(path, response);
  }

  async function upload(path: string, content: Readable, bytes: number): Promise<void> {
    const headers = { 'content-length': String(bytes), ...(authorization === null ? {} : { authorization }) };
    const init = { method: 'PUT', path, headers, body: content, signal } as const;
    const response = await sendRequest(url, init).catch((error: unknown) => {
      signal.throwIfAborted();
      if (content.errored !== null) throw content.errored;
      throw new UnreachableError(`${unreachableMessage(url)} Nothing was saved.`, { cause: error });
    });
    if (response.status === 401) throw new AuthenticationError(authenticationMessage(url, token));
    if (response.ok) return;
    const { errors } = await readResponse<never>(response, url);
    const [first] = errors ?? [];
    throw new ApiError(first?.message ?? `${path} cannot be uploaded.`, first?.extensions?.code ?? null);
  }

  async function* subscribe<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): AsyncIterable<NonNullable<Data>> {
    signal.throwIfAborted();
    let lost = false;
    const setState = (state: ConnectionState) => {
      if ((state === 'LOST') === lost || signal.aborted) return;
      lost = state === 'LOST';
      onConnection?.(state);
    };
    const client = createLiveClient({
      ...(socketPath === null ? { url: `${url.replace(/^http/, 'ws')}/graphql` } : webSocketOverSocket(socketPath)),
      ...(authorization === null ? {} : { connectionParams: { authorization } }),
      // 4403: the token has been revoked. Retrying cannot help.
      shouldRetry: (event) => !signal.aborted && (event as { code?: number } | null)?.code !== FORBIDDEN,
      // The signal ends the wait, so that the command can exit at once.
      retryWait: async (retries) => {
        const wait = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** retries);
        await delay(wait, undefined, { signal }).catch(() => undefined);
      },
      on: {
        connected: () => setState('RECONNECTED'),
        closed: (event) => {
          if ((event as { code?: number }).code !== CLOSED_NORMALLY) setState('LOST');
        },
      },
    });
    const feed = client.iterate<Data>({ query: print(document), variables: variables as Record<string, unknown> });
    const end = () => void feed.return?.();
    signal.addEventListener('abort', end, { once: true });
    try {
      for await (const { data, errors } of feed) {
        if (errors !== undefined || data == null) throw toApiError(errors ?? null);
        yield data;
      }
      signal.throwIfAborted();
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof Error ? error : toApiError(error);
    } finally {
      signal.removeEventListener('abort', end);
      // Not awaited: without a connection, dispose() waits for one.
      void client.dispose();
    }
  }

  /** graphql-ws rejects with lists of GraphQL errors and with close events, neither of which is an `Error`. */
  function toApiError(failure: unknown): ApiError {
    if (Array.isArray(failure)) {
      const errors = failure as readonly GraphQLFailure[];
      return new ApiError(errors.map(({ message }) => message).join(' '), errors[0]?.extensions?.code ?? null);
    }
    const { code, reason } = (failure ?? {}) as { code?: number; reason?: string };
    if (code === FORBIDDEN) return new AuthenticationError(authenticationMessage(url, token));
    return new ApiError(`The server ended the live feed${reason ? `: ${reason}` : ''}.`, null);
  }

  return { url, request, download, upload, subscribe };
}

interface GraphQLFailure {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

interface GraphQLResponse<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphQLFailure[];
}

async function readResponse<Data>(response: Response, url: string): Promise<GraphQLResponse<Data>> {
  try {
    const body = (await response.json()) as GraphQLResponse<Data> | null;
    if (body !== null && typeof body === 'object' && ('data' in body || Array.isArray(body.errors))) return body;
  } catch {
    // Not JSON: the error below covers this case as well.
  }
  throw new UnreachableError(
    `The program at ${url} is not a Trainyard server (HTTP ${response.status}). Set the correct address with --url.`,
  );
}

function unreachableMessage(url: string): string {
  return `No server responds at ${url}. Start one with \`trainyard serve\`, or set another address with --url.`;
}

function authenticationMessage(url: string, token: string | null): string {
  return token === null
    ? `The server at ${url} needs an access token. Set TRAINYARD_TOKEN, or name a file that contains the token with --token-file.`
    : `The server at ${url} does not accept this access token. Check TRAINYARD_TOKEN or --token-file.`;
}

/** The reason that the server gives. */
async function downloadError(path: string, response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as Partial<RefusalBody> | null;
  const message = body?.errors?.[0]?.message ?? `${path} cannot be downloaded (HTTP ${response.status}).`;
  return new ApiError(message, body?.errors?.[0]?.extensions?.code ?? null);
}

interface RefusalBody {
  readonly errors: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}
