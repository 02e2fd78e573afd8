import type { IncomingMessage } from 'node:http';

/** The body of a request as text; null if the client disconnects before its end. */
export function readBody(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [first] = chunks;
      resolve((chunks.length === 1 && first ? first : Buffer.concat(chunks)).toString());
    });
    request.on('close', () => resolve(null));
    request.on('error', () => resolve(null));
  });
}
