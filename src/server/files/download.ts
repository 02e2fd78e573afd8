import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import send from 'send';
import { type Refusal, sendRefusal } from '../refusal.ts';
import { attachment } from './content-disposition.ts';

const REFUSALS: Readonly<Record<number, Refusal>> = {
  412: { status: 412, code: 'PRECONDITION_FAILED', message: 'The file has changed since.' },
  416: { status: 416, code: 'RANGE_NOT_SATISFIABLE', message: 'The file has no such range of bytes.' },
};

/**
 * Sends a file, or the part of it that a range asks for, to be saved by whoever asks. Resolves when that is done or the client has
 * gone. It is opened once: a file that is replaced meanwhile is still sent as the one that its headers speak of.
 * @param path absolute, without links, and such that the client may have it
 * @throws a system error when it cannot be opened
 */
export async function sendDownload(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    const done = new Promise((resolve) => response.once('close', resolve));
    response.setHeader('cache-control', 'private, no-cache');
    // No type that a browser would show or run.
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('content-disposition', attachment(basename(path)));
    const sending = send(request, '/', { index: false, cacheControl: false });
    sending.sendFile = () => sending.send(path, stat);
    sending.stream = (_path, { start, end }: { start?: number; end?: number } = {}) => {
      const content = file.createReadStream({ start, end, autoClose: false });
      const length = Number(response.getHeader('content-length'));
      content.pipe(response, { end: false });
      content.once('error', () => response.destroy());
      // Somebody has cut the file short: the client must not wait for the rest, nor take this for all.
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
