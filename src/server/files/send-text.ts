import type { IncomingMessage, ServerResponse } from 'node:http';
import { attachment } from './content-disposition.ts';

/**
 * Sends text as a download, as it is read: a slow client holds only one piece of it. Its length is not known before, so there are no
 * ranges. Resolves when the response is complete or the client has disconnected.
 */
export async function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  pieces: AsyncIterable<string>,
): Promise<void> {
  response.writeHead(200, {
    'cache-control': 'private, no-cache',
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': attachment(name),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (!response.write(piece)) await drained(response);
    }
    response.end();
  } catch (error) {
    // The client must not take this for the whole text.
    response.destroy();
    throw error;
  }
}

/** Waits until the client has read, or has disconnected. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
    if (response.destroyed) done();
  });
}
