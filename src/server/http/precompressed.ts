import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A response body that is compressed once and sent many times, with an ETag for clients that have cached it. */
export interface PrecompressedBody {
  readonly etag: string;
  readonly plain: Buffer;
  /** The body, gzipped. */
  readonly zipped: Buffer;
}

/** Compresses a body and computes its ETag. */
export async function precompress(plain: Buffer): Promise<PrecompressedBody> {
  return {
    etag: `"${createHash('sha256').update(plain).digest('base64url')}"`,
    plain,
    zipped: await promisify(gzip)(plain),
  };
}

/**
 * Sends a precompressed body: 304 if the client has it, only the headers for HEAD. The caller sets other headers, such as
 * `cache-control`, before.
 */
export function sendPrecompressed(
  request: IncomingMessage,
  response: ServerResponse,
  { etag, plain, zipped }: PrecompressedBody,
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
