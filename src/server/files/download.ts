import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import send from 'send';
import { type Refusal, sendRefusal } from '../http/refusal.ts';
import { attachment } from './content-disposition.ts';

const REFUSALS: Readonly<Record<number, Refusal>> = {
  412: { status: 412, code: 'PRECONDITION_FAILED', message: 'The file has changed. Download it again from the start.' },
  416: { status: 416, code: 'RANGE_NOT_SATISFIABLE', message: 'The requested byte range is outside the file.' },
};

/**
 * Sends a file or a byte range of it as a download. Resolves when the response is complete or the client has disconnected. The file
 * is opened once, so that headers and content match even if the file is replaced during the download.
 * @param path absolute, without symbolic links, and already authorized
 * @throws a system error if the file cannot be opened
 */
export async function sendDownload(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    const done = new Promise((resolve) => response.once('close', resolve));
    response.setHeader('cache-control', 'private, no-cache');
    // Not a type that a browser would show or run.
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('content-disposition', attachment(basename(path)));
    const sending = send(request, '/', { index: false, cacheControl: false });
    sending.sendFile = () => sending.send(path, stat);
    sending.stream = (_path, { start, end }: { start?: number; end?: number } = {}) => {
      const content = file.createReadStream({ start, end, autoClose: false });
      const length = Number(response.getHeader('content-length'));
      content.pipe(response, { end: false });
      content.once('error', () => response.destroy());
      // If the file was truncated, the client must neither wait for the rest nor take this for the whole file.
      content.once('end', () => (content.bytesRead === length ? response.end() : response.destroy()));
      response.once('close', () => content.destroy());
    };
    sending.on('error', ({ status, headers = {} }: Error & { status: number; headers?: Record<string, string> }) => {
      for (const name of ['content-disposition', 'cache-control']) response.removeHeader(name);
      const refusal = REFUSALS[status];
      if (refusal) sendRefusal(response, { ...refusal, headers });
      else response.destroy();
    });
    sending.pipe(response);
    await done;
  } finally {
    await file.close();
  }
}
