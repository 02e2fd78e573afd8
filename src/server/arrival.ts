import type { IncomingMessage, ServerResponse } from 'node:http';

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
    if (!response.headersSent && response.socket)
      request.socket.write('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n');
    request.destroy();
  }
  request.once('close', arrival.pause);
  arrival.restart();
  return arrival;
}
