import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  DatasetExistsError,
  DatasetTooLargeError,
  ExpectedError,
  InvalidInputError,
  NoSpaceError,
  type Runner,
} from '../../runner/index.ts';
import type { Arrival } from '../arrival.ts';
import type { ClientKey } from '../client-key.ts';
import type { Limits } from '../limits.ts';
import { type Refusal, sendRefusal } from '../refusal.ts';
import { atLeast, type MinimumRate, UploadTooSlowError } from './minimum-rate.ts';

const BUSY: Refusal = {
  status: 503,
  code: 'TOO_MANY_UPLOADS',
  message: 'Too many uploads are under way. Try again when one has ended.',
  headers: { 'retry-after': '10' },
};

const BUSY_CLIENT: Refusal = {
  status: 429,
  code: 'TOO_MANY_UPLOADS',
  message: 'You have too many uploads under way. Try again when one of them has ended.',
  headers: { 'retry-after': '10' },
};

const NOT_PLAIN: Refusal = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message: 'Send the file itself as the body, as `curl -T FILE` does: no form, no content coding and no range.',
};

const REPLACE: Refusal = { status: 400, code: 'INVALID_INPUT', message: 'replace is true or false.' };

/** Takes a dataset in, as the body of a PUT. */
export type Upload = (
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  arrival: Arrival,
) => Promise<void>;

export function createUpload({
  runner,
  limits,
  clientOf,
}: {
  runner: Pick<Runner, 'addDataset'>;
  limits: Pick<Limits, 'uploads' | 'uploadsPerClient' | 'uploadBytes' | 'uploadBytesPerSecond' | 'uploadRateWindow'>;
  clientOf: ClientKey;
}): Upload {
  const rate = { bytesPerSecond: limits.uploadBytesPerSecond, windowMs: limits.uploadRateWindow };
  let underWay = 0;
  const byClient = new Map<string, number>();

  return async (request, response, name, arrival) => {
    const replace = new URL(request.url ?? '/', 'http://localhost').searchParams.get('replace') ?? 'false';
    const refused = refusalOf(request.headers) ?? (/^(true|false)$/.test(replace) ? null : REPLACE);
    if (refused) {
      sendRefusal(response, refused);
      return;
    }
    if (Number(request.headers['content-length'] ?? 0) > limits.uploadBytes) {
      sendRefusal(response, explain(new DatasetTooLargeError(limits.uploadBytes)));
      return;
    }
    if (underWay >= limits.uploads) {
      sendRefusal(response, BUSY);
      return;
    }
    const client = clientOf(request);
    const ofClient = byClient.get(client) ?? 0;
    if (ofClient >= limits.uploadsPerClient) {
      sendRefusal(response, BUSY_CLIENT);
      return;
    }
    underWay += 1;
    byClient.set(client, ofClient + 1);
    try {
      const { replaced, bytes } = await runner.addDataset(name, contentOf(request, response, arrival, rate), {
        replace: replace === 'true',
        maxBytes: limits.uploadBytes,
      });
      response.writeHead(replaced ? 200 : 201, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify({ name, bytes }));
    } catch (error) {
      if (error instanceof ExpectedError) sendRefusal(response, explain(error));
      // Broken off, by the client or for its silence: there is nobody to answer.
      else if (request.complete || !request.destroyed) throw error;
    } finally {
      underWay -= 1;
      const left = (byClient.get(client) ?? 0) - 1;
      if (left > 0) byClient.set(client, left);
      else byClient.delete(client);
    }
  };
}

/**
 * The body of a request, piece by piece. Its stream is left open when the reader has had enough: the answer would be lost with it.
 * What still comes is then thrown away, for as long as any request may take to arrive.
 */
async function* contentOf(
  request: IncomingMessage,
  response: ServerResponse,
  arrival: Arrival,
  rate: MinimumRate,
): AsyncGenerator<Uint8Array> {
  if (request.headers.expect !== undefined) response.writeContinue();
  try {
    arrival.restart();
    const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const chunk of atLeast(pieces, rate)) {
      arrival.pause();
      yield chunk;
      arrival.restart();
    }
  } finally {
    arrival.restart();
  }
}

function refusalOf(headers: IncomingMessage['headers']): Refusal | null {
  const isForm = /^multipart\//i.test(headers['content-type'] ?? '');
  const isCoded = !/^(identity)?$/i.test(headers['content-encoding'] ?? '');
  return isForm || isCoded || headers['content-range'] !== undefined ? NOT_PLAIN : null;
}

function explain(error: ExpectedError): Refusal {
  const { code, message } = error;
  if (error instanceof InvalidInputError) return { status: 400, code, message };
  if (error instanceof DatasetExistsError) {
    return { status: 409, code, message: `${message} That is done with ?replace=true.` };
  }
  if (error instanceof DatasetTooLargeError) return { status: 413, code, message };
  // The rest of it is not waited for.
  if (error instanceof UploadTooSlowError) return { status: 408, code, message, headers: { connection: 'close' } };
  if (error instanceof NoSpaceError) return { status: 507, code, message };
  throw error;
}
