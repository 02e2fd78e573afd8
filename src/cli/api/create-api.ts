import { setTimeout as delay } from 'node:timers/promises';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { createLiveClient } from '../../client/index.ts';
import { ApiError, NotAllowedError, UnreachableError } from './errors.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2000;
const CLOSED_NORMALLY = 1000;
const FORBIDDEN = 4403;

/** A server, as the commands speak to it. */
export interface Api {
  /** For example `http://127.0.0.1:4000`. */
  readonly url: string;
  /**
   * Sends a query or a mutation.
   * @throws UnreachableError, NotAllowedError, ApiError
   */
  ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;
  /**
   * Subscribes. A lost connection is taken up again behind the last cursor, for ever. Leaving the loop unsubscribes.
   * @throws ApiError when the server refuses or ends the subscription with an error
   */
  follow<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): AsyncIterable<NonNullable<Data>>;
}

export interface ApiOptions {
  readonly url: string;
  /** Sent as a bearer token; null sends none. */
  readonly token?: string | null;
  /** Ends what is under way, which then throws its reason. */
  readonly signal: AbortSignal;
  /** A subscription has lost its connection, or has it again. */
  readonly onConnection?: (state: 'LOST' | 'BACK') => void;
}

/** Speaks to the server at `url`. Nothing is sent before the first question. */
export function createApi({ url, token = null, signal, onConnection }: ApiOptions): Api {
  const authorization = token === null ? null : `Bearer ${token}`;

  async function ask<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    const response = await post(print(document), variables);
    const { data, errors } = await readAnswer<Data>(response, url);
    if (response.status === 401) throw new NotAllowedError(tokenSentence(url, token));
    if (errors?.[0] !== undefined || data == null) {
      const kind = errors?.[0]?.extensions?.code ?? null;
      throw new ApiError(errors?.map(({ message }) => message).join(' ') ?? `${url} answered nothing.`, kind);
    }
    return data;
  }

  async function post(query: string, variables: unknown): Promise<Response> {
    try {
      return await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          ...(authorization === null ? {} : { authorization }),
        },
        body: JSON.stringify({ query, variables }),
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new UnreachableError(
        `No server answers at ${url}. Start one with \`trainyard serve\`, or name another with --url.`,
        { cause: error },
      );
    }
  }

  async function* follow<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): AsyncIterable<NonNullable<Data>> {
    signal.throwIfAborted();
    let lost = false;
    const tell = (state: 'LOST' | 'BACK') => {
      if ((state === 'LOST') === lost || signal.aborted) return;
      lost = state === 'LOST';
      onConnection?.(state);
    };
    const client = createLiveClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      ...(authorization === null ? {} : { connectionParams: { authorization } }),
      // 4403: the token has been withdrawn meanwhile. No patience brings it back.
      shouldRetry: (event) => !signal.aborted && (event as { code?: number } | null)?.code !== FORBIDDEN,
      // Ends with the signal, so that nobody who goes has to wait for it.
      retryWait: async (retries) => {
        const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retries);
        await delay(wait, undefined, { signal }).catch(() => undefined);
      },
      on: {
        connected: () => tell('BACK'),
        closed: (event) => {
          if ((event as { code?: number }).code !== CLOSED_NORMALLY) tell('LOST');
        },
      },
    });
    const feed = client.iterate<Data>({ query: print(document), variables: variables as Record<string, unknown> });
    const end = () => void feed.return?.();
    signal.addEventListener('abort', end, { once: true });
    try {
      for await (const { data, errors } of feed) {
        if (errors !== undefined || data == null) throw refusal(errors ?? null);
        yield data;
      }
      signal.throwIfAborted();
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof Error ? error : refusal(error);
    } finally {
      signal.removeEventListener('abort', end);
      // Not awaited: where there is no connection it would wait for one.
      void client.dispose();
    }
  }

  /** graphql-ws rejects with lists of GraphQL errors and with close events, neither of which is an `Error`. */
  function refusal(failure: unknown): ApiError {
    if (Array.isArray(failure)) {
      const errors = failure as readonly GraphQLFailure[];
      return new ApiError(errors.map(({ message }) => message).join(' '), errors[0]?.extensions?.code ?? null);
    }
    const { code, reason } = (failure ?? {}) as { code?: number; reason?: string };
    if (code === FORBIDDEN) return new NotAllowedError(tokenSentence(url, token));
    return new ApiError(`The server ended the live feed${reason ? `: ${reason}` : ''}.`, null);
  }

  return { url, ask, follow };
}

interface GraphQLFailure {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphQLFailure[];
}

async function readAnswer<Data>(response: Response, url: string): Promise<Answer<Data>> {
  try {
    const answer = (await response.json()) as Answer<Data> | null;
    if (answer !== null && typeof answer === 'object' && ('data' in answer || Array.isArray(answer.errors)))
      return answer;
  } catch {
    // Told below: a page, or nothing, is as good as the wrong JSON.
  }
  throw new UnreachableError(
    `What answers at ${url} is not a Trainyard server (HTTP ${response.status}). Name the right address with --url.`,
  );
}

function tokenSentence(url: string, token: string | null): string {
  return token === null
    ? `The server at ${url} wants a token. Set TRAINYARD_TOKEN, or name a file that holds it with --token-file.`
    : `The server at ${url} does not know this token. Check TRAINYARD_TOKEN or --token-file.`;
}
