import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A body that is sent many times: compressed once, and not sent at all to who has it already. */
export interface PreparedBody {
  readonly etag: string;
  readonly plain: Buffer;
  /** The same, gzipped. */
  readonly zipped: Buffer;
}

/** Prepares `plain` to be sent. */
export async function prepareBody(plain: Buffer): Promise<PreparedBody> {
  return {
    etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
    plain,
    zipped: await promisify(gzip)(plain),
  };
}

/**
 * Answers with a prepared body: 304 where the client has it, without the body to a HEAD. Other headers, how long it may be kept
 * among them, are the caller's to set before.
 */
export function sendPrepared(
  request: IncomingMessage,
  response: ServerResponse,
  { etag, plain, zipped }: PreparedBody,
  contentType: string,
): void {
  response.setHeader('etag', etag);
  response.setHeader('vary', 'accept, accept-encoding');
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const zip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (zip) response.setHeader('content-encoding', 'gzip');
  const body = zip ? zipped : plain;
  response.writeHead(200, { 'content-type': contentType, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}
