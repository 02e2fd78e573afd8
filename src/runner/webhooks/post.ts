import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { addressIn, isPublicAddress, lookUpPublic, RefusedAddressError } from './addresses.ts';

/** What became of one attempt to post. */
export type PostOutcome =
  | { readonly kind: 'ANSWERED'; readonly statusCode: number }
  /** The address is one where nothing is sent to. */
  | { readonly kind: 'REFUSED'; readonly reason: string }
  | { readonly kind: 'UNANSWERED'; readonly reason: string }
  /** The caller took it back. */
  | { readonly kind: 'ABORTED' };

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowPrivateAddresses: boolean;
  /** How long it may take until there is an answer, ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What a receiver says beside its status is of no use; so much of it is let in, so that it can finish. */
const MOST_ANSWER_BYTES = 64 * 1024;
const LONGEST_REASON = 300;

/** Posts once, follows no redirect, and never rejects. */
export function post({ url, headers, body, allowPrivateAddresses, timeoutMs, signal }: Post): Promise<PostOutcome> {
  const target = new URL(url);
  const address = addressIn(target);
  if (!allowPrivateAddresses && address !== null && !isPublicAddress(address)) {
    return Promise.resolve({ kind: 'REFUSED', reason: new RefusedAddressError(address).message });
  }
  const timeout = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve) => {
    const fail = (error: unknown) => {
      if (signal.aborted) resolve({ kind: 'ABORTED' });
      else if (timeout.aborted)
        resolve({ kind: 'UNANSWERED', reason: `No answer within ${timeoutMs / 1000} seconds.` });
      else if (error instanceof RefusedAddressError) resolve({ kind: 'REFUSED', reason: error.message });
      else resolve({ kind: 'UNANSWERED', reason: reasonOf(error) });
    };
    try {
      const request: ClientRequest = (target.protocol === 'https:' ? requestHttps : requestHttp)(target, {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        // A connection of its own: one that is kept for reuse was perhaps made under other rules.
        agent: false,
        ...(!allowPrivateAddresses && { lookup: lookUpPublic }),
        signal: AbortSignal.any([signal, timeout]),
      });
      request.on('error', fail);
      request.on('close', () => fail(new Error('The connection was closed without an answer.')));
      request.on('response', (response) => {
        resolve({ kind: 'ANSWERED', statusCode: response.statusCode ?? 0 });
        discard(response);
      });
      request.end(body);
    } catch (error) {
      fail(error);
    }
  });
}

function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => undefined); // The status counts, and it is there.
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) response.destroy();
  });
}

function reasonOf(error: unknown): string {
  // Where a name has several addresses, each has an error of its own, and the one around them no message.
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const messages = errors.map((each) => (each instanceof Error ? each.message : String(each)));
  return messages.join('; ').slice(0, LONGEST_REASON);
}
