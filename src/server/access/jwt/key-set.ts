import { open } from 'node:fs/promises';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { keySetProblem, MAX_KEY_SET_BYTES } from '../../../settings/jwt.ts';
import type { Logger } from '../../logger.ts';

/** The key set of an identity provider, in memory. */
export interface KeySet extends Disposable {
  /** Finds the key of a token. @throws KeysUnavailableError, or an error of jose when no key fits */
  readonly find: JWTVerifyGetKey;
  /** Reads the keys again. A failure is logged. */
  reload(): void;
}

/** The key set cannot be read now, and no earlier one is recent enough. */
export class KeysUnavailableError extends Error {}

export interface KeySetTimes {
  /** Least time between two reads for tokens with an unknown key, or after a failed read, ms. */
  readonly cooldown: number;
  /** Keys are read again after this time, ms. */
  readonly maxAge: number;
  /** While the provider does not answer, earlier keys stay in use for this time, ms. */
  readonly maxStale: number;
  /** Longest time of one read, ms. */
  readonly timeout: number;
}

const MINUTE = 60_000;
const REMOTE: KeySetTimes = { cooldown: 10_000, maxAge: 10 * MINUTE, maxStale: 60 * MINUTE, timeout: 5_000 };
/** A file is read again after a second, so that a new version applies almost at once. */
const FILE: KeySetTimes = { ...REMOTE, cooldown: 1_000, maxAge: 1_000 };

/**
 * Reads a key set when it is needed, and keeps it. However many tokens arrive, and whatever keys they name, it is read at most
 * once in each {@link KeySetTimes.cooldown}.
 * @param location a `https:`, `http:` or `file:` URL
 */
export function followKeySet(location: URL, logger: Logger, times?: Partial<KeySetTimes>): KeySet {
  const { cooldown, maxAge, maxStale, timeout } = { ...(location.protocol === 'file:' ? FILE : REMOTE), ...times };
  const closing = new AbortController();
  let last: { readonly text: string; readonly at: number } | null = null;
  let failure: { readonly problem: string; readonly at: number } | null = null;

  async function read(signal: AbortSignal): Promise<string> {
    // jose waits between two reads only after a success.
    if (failure !== null && performance.now() - failure.at < cooldown) return lastKeys();
    try {
      const text = await (location.protocol === 'file:' ? readText(location) : download(location, signal));
      const problem = keySetProblem(text);
      if (problem !== null) throw new Error(problem);
      if (failure !== null) logger.info({ keys: location.href }, 'the keys of the identity provider can be read again');
      failure = null;
      last = { text, at: performance.now() };
      return text;
    } catch (error) {
      report(problemOf(error, timeout));
      return lastKeys();
    }
  }

  function report(problem: string): void {
    if (problem !== failure?.problem && !closing.signal.aborted) {
      logger.error(
        { keys: location.href, problem },
        `TRAINYARD_JWT_JWKS: the keys of the identity provider cannot be read: ${problem}. ${last === null ? 'No JWT can be checked until they can.' : 'The keys that were read before stay in use for an hour.'}`,
      );
    }
    failure = { problem, at: performance.now() };
  }

  function lastKeys(): string {
    if (last !== null && performance.now() - last.at < maxStale) return last.text;
    throw new KeysUnavailableError(`the keys cannot be read: ${failure?.problem ?? 'unknown'}`);
  }

  const keys = createRemoteJWKSet(location, {
    cooldownDuration: cooldown,
    cacheMaxAge: maxAge,
    timeoutDuration: timeout,
    [customFetch]: async (_url, { signal }) => new Response(await read(AbortSignal.any([signal, closing.signal]))),
  });
  return {
    find: keys,
    reload() {
      failure = failure && { ...failure, at: -Infinity };
      keys.reload().catch(() => undefined);
    },
    [Symbol.dispose]: () => closing.abort(),
  };
}

/** Follows no redirect: the setting names the place of the keys. */
async function download(url: URL, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal, redirect: 'manual', headers: { accept: 'application/json' } });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the answer has the status ${response.status}, and must have 200`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_KEY_SET_BYTES) throw new Error(`the answer has more than ${MAX_KEY_SET_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readText(location: URL): Promise<string> {
  await using file = await open(location);
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MAX_KEY_SET_BYTES + 1) });
  return buffer.toString('utf8', 0, bytesRead);
}

function problemOf(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return 'error';
  if (error.name === 'TimeoutError') return `no answer within ${timeout / 1000} seconds`;
  // `fetch` hides the reason behind "fetch failed".
  const cause = error.cause instanceof Error ? error.cause : error;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}
