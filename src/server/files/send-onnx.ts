import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  JobNotFoundError,
  ModelUnavailableError,
  PredictionFailedError,
  type Runner,
  TooManyExportsError,
  TrainerUnavailableError,
} from '../../runner/index.ts';
import { type Refusal, sendRefusal } from '../http/refusal.ts';
import { sendDownload } from './download.ts';

/**
 * Exports the model of a job as ONNX and sends it. The export ends when the client disconnects; its file is deleted after the download.
 * A byte range is of no use, because each request exports the newest model.
 */
export async function sendOnnx(
  request: IncomingMessage,
  response: ServerResponse,
  runner: Runner,
  jobId: string,
): Promise<void> {
  const disconnected = new AbortController();
  const abort = () => disconnected.abort();
  response.once('close', abort);
  try {
    await using file = await runner.exportOnnx(jobId, disconnected.signal);
    response.off('close', abort);
    delete request.headers.range;
    await sendDownload(request, response, file.path);
  } catch (error) {
    if (disconnected.signal.aborted) return;
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    sendRefusal(response, refusal);
  }
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof JobNotFoundError) return { status: 404, code: error.code, message: error.message };
  if (error instanceof ModelUnavailableError) return { status: 409, code: error.code, message: error.message };
  if (error instanceof TrainerUnavailableError || error instanceof PredictionFailedError) {
    return { status: 503, code: error.code, message: error.message };
  }
  if (error instanceof TooManyExportsError) {
    return { status: 503, code: error.code, message: error.message, retryAfterSeconds: 60 };
  }
  return null;
}
