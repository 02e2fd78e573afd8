import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { addressIn, isPublicAddress, lookUpPublic, RefusedAddressError } from './addresses.ts';

/** The result of one attempt to post. */
export type PostOutcome =
  | { readonly kind: 'ANSWERED'; readonly statusCode: number }
  /** The address is not allowed. */
  | { readonly kind: 'REFUSED'; readonly reason: string }
  | { readonly kind: 'UNANSWERED'; readonly reason: string }
  /** The caller aborted it. */
  | { readonly kind: 'ABORTED' };

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly allowPrivateAddresses: boolean;
  /** Maximum time until the answer arrives, ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The body of an answer is ignored; this much of it is accepted, so that the receiver can finish. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_REASON = 300;

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
        // A new connection: a reused one may have been opened without the address check.
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
  response.on('error', () => undefined); // Only the status counts, and it has arrived.
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) response.destroy();
  });
}

function reasonOf(error: unknown): string {
  // If a name has several addresses, each has its own error, and the AggregateError has no message.
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const messages = errors.map((each) => (each instanceof Error ? each.message : String(each)));
  return messages.join('; ').slice(0, MAX_REASON);
}
