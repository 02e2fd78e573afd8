import type { IncomingMessage, ServerResponse } from 'node:http';
import { refusalBody } from './refusal.ts';

/** The time limit for a request to arrive. */
export interface RequestTimeout {
  /** Pauses the timeout while the client waits for this server. */
  pause(): void;
  /** Restarts the timeout with the full duration. */
  restart(): void;
}

/**
 * Closes a request that has not fully arrived in time, with a 408 if no answer was started. Node's own `requestTimeout` applies to
 * all requests equally, but an upload may take hours: it restarts this timeout for each chunk.
 */
export function startRequestTimeout(
  request: IncomingMessage,
  response: ServerResponse,
  milliseconds: number,
): RequestTimeout {
  let timer: NodeJS.Timeout | undefined;
  const timeout = {
    pause: () => clearTimeout(timer),
    restart() {
      clearTimeout(timer);
      if (!request.complete && !request.destroyed) timer = setTimeout(expire, milliseconds);
    },
  };
  function expire(): void {
    // A complete request stays open if its body was never read, which is not the fault of the client.
    if (request.complete) return;
    // A response without a socket waits for an earlier answer, and this one would end up in the middle of it.
    if (!response.headersSent && response.socket) request.socket.write(timeoutResponse(milliseconds));
    request.destroy();
  }
  request.once('close', timeout.pause);
  timeout.restart();
  return timeout;
}

/** A raw HTTP response, because Node would hold back a `ServerResponse` until the request has arrived. */
function timeoutResponse(milliseconds: number): string {
  const body = refusalBody({
    status: 408,
    code: 'REQUEST_TIMEOUT',
    message: `The request did not arrive within ${milliseconds / 1000} seconds. Send it again.`,
  });
  const headers = [
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return ['HTTP/1.1 408 Request Timeout', ...headers, '', body].join('\r\n');
}
