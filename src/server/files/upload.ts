import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  DatasetExistsError,
  DatasetTooLargeError,
  ExpectedError,
  InvalidInputError,
  DiskFullError,
  NoSpaceError,
  RateLimitedError,
  StorageQuotaError,
  type Runner,
} from '../../runner/index.ts';
import { type AuditResult, failedWith, SUCCEEDED } from '../../resolvers/audit.ts';
import type { Caller } from '../../resolvers/caller.ts';
import type { Limits } from '../limits/limits.ts';
import { createRateQuota } from '../rates/rate-quota.ts';
import { type Refusal, sendRefusal, tooManyRequests } from '../http/refusal.ts';
import type { RequestTimeout } from '../http/request-timeout.ts';
import { userKeyOf } from '../rates/user-key.ts';
import { atLeast, type MinimumRate, UploadTooSlowError } from './minimum-rate.ts';
import { createUploadSlots } from './upload-slots.ts';

const BUSY: Refusal = {
  status: 503,
  code: 'TOO_MANY_UPLOADS',
  message: 'Too many uploads are in progress. Try again when one has finished.',
  headers: { 'retry-after': '10' },
};

const BUSY_USER: Refusal = {
  status: 429,
  code: 'TOO_MANY_UPLOADS',
  message:
    'You have uploads in progress, and the free slots are for users who have none. Try again when one of yours has finished.',
  headers: { 'retry-after': '10' },
};

const NOT_PLAIN: Refusal = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message:
    'Unsupported upload format. Send the file as the request body, as `curl -T FILE` does, without a form, content encoding or range.',
};

const REPLACE: Refusal = { status: 400, code: 'INVALID_INPUT', message: 'replace must be true or false.' };

/** The client disconnected before the end of the upload. */
const DISCONNECTED: AuditResult = { outcome: 'FAILED', code: 'DISCONNECTED' };

/** One upload of a dataset as the body of a PUT. */
export interface UploadRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly name: string;
  readonly timeout: RequestTimeout;
  readonly caller: Caller;
  /** Called with the result of an upload that was not refused before it started. */
  readonly record: (result: AuditResult) => void;
}

export type Upload = (upload: UploadRequest) => Promise<void>;

export function createUpload({
  runner,
  limits,
}: {
  runner: Pick<Runner, 'addDataset'>;
  limits: Pick<Limits, 'uploads' | 'uploadsPerMinute' | 'uploadBytes' | 'uploadBytesPerSecond' | 'uploadRateWindow'>;
}): Upload {
  const rate = { bytesPerSecond: limits.uploadBytesPerSecond, windowMs: limits.uploadRateWindow };
  const rateQuota = createRateQuota(limits.uploadsPerMinute);
  const slots = createUploadSlots(limits.uploads);

  return async ({ request, response, name, timeout, caller, record }) => {
    const replace = new URL(request.url ?? '/', 'http://localhost').searchParams.get('replace') ?? 'false';
    const rejected = refusalOf(request.headers) ?? (/^(true|false)$/.test(replace) ? null : REPLACE);
    if (rejected) {
      sendRefusal(response, rejected);
      return;
    }
    if (Number(request.headers['content-length'] ?? 0) > limits.uploadBytes) {
      sendRefusal(response, explain(new DatasetTooLargeError(limits.uploadBytes)));
      return;
    }
    const user = userKeyOf(caller);
    const slot = slots.take(user);
    if (typeof slot === 'string') {
      sendRefusal(response, slot === 'ALL_TAKEN' ? BUSY : BUSY_USER);
      return;
    }
    const wait = rateQuota.take(user);
    if (wait > 0) {
      slot[Symbol.dispose]();
      sendRefusal(response, tooManyRequests(new RateLimitedError('uploads', wait)));
      return;
    }
    try {
      const { replaced, bytes } = await runner.addDataset(name, contentOf(request, response, timeout, rate), {
        replace: replace === 'true',
        maxBytes: limits.uploadBytes,
        uploadedBy: caller.user,
      });
      record(SUCCEEDED);
      response.writeHead(replaced ? 200 : 201, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify({ name, bytes }));
    } catch (error) {
      const isGone = !(error instanceof ExpectedError) && request.destroyed && !request.complete;
      record(isGone ? DISCONNECTED : failedWith(error));
      if (error instanceof ExpectedError) sendRefusal(response, explain(error));
      // The client disconnected or timed out, so there is no one to answer.
      else if (request.complete || !request.destroyed) throw error;
    } finally {
      slot[Symbol.dispose]();
    }
  };
}

/**
 * The body of a request in chunks. If the reader stops early, the stream stays open, because destroying it would lose the answer.
 * The rest of the body is then discarded, until the request timeout.
 */
async function* contentOf(
  request: IncomingMessage,
  response: ServerResponse,
  timeout: RequestTimeout,
  rate: MinimumRate,
): AsyncGenerator<Uint8Array> {
  if (request.headers.expect !== undefined) response.writeContinue();
  try {
    timeout.restart();
    const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const chunk of atLeast(chunks, rate)) {
      timeout.pause();
      yield chunk;
      timeout.restart();
    }
  } finally {
    timeout.restart();
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
    return { status: 409, code, message: `${message} To replace it, use ?replace=true.` };
  }
  if (error instanceof DatasetTooLargeError) return { status: 413, code, message };
  // The server does not wait for the rest.
  if (error instanceof UploadTooSlowError) return { status: 408, code, message, headers: { connection: 'close' } };
  if (error instanceof DiskFullError || error instanceof StorageQuotaError) return { status: 507, code, message };
  if (error instanceof NoSpaceError) return { status: 507, code, message };
  throw error;
}
