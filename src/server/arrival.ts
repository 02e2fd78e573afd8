import type { IncomingMessage, ServerResponse } from 'node:http';
import { refusalBody } from './refusal.ts';

/** The time that a request has to arrive in. */
export interface Arrival {
  /** Stops the clock, while it is this server that keeps the client waiting. */
  pause(): void;
  /** Gives it the whole time anew. */
  restart(): void;
}

/**
 * Cuts a request off that has not arrived as a whole in time, with a 408 where nothing was answered yet. What Node has for this
 * (`requestTimeout`) holds for all requests alike, and an upload may take hours: it is given the time for each of its pieces.
 */
export function limitArrival(request: IncomingMessage, response: ServerResponse, milliseconds: number): Arrival {
  let timer: NodeJS.Timeout | undefined;
  const arrival = {
    pause: () => clearTimeout(timer),
    restart() {
      clearTimeout(timer);
      if (!request.complete && !request.destroyed) timer = setTimeout(cutOff, milliseconds);
    },
  };
  function cutOff(): void {
    // Complete without having been closed: nobody has read its body, which is no fault of the client.
    if (request.complete) return;
    // Without a socket it waits for the answer to an earlier request, which this would end up in the middle of.
    if (!response.headersSent && response.socket) request.socket.write(timeout(milliseconds));
    request.destroy();
  }
  request.once('close', arrival.pause);
  arrival.restart();
  return arrival;
}

/** A whole answer, for a response that Node would keep until the request has arrived. */
function timeout(milliseconds: number): string {
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
