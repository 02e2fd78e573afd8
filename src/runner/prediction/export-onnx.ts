import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createConcurrencyLimit } from '../datasets/concurrency-limit.ts';
import type { Home } from '../home.ts';
import {
  ModelUnavailableError,
  PredictionFailedError,
  TooManyExportsError,
  TrainerUnavailableError,
} from '../job/errors.ts';
import { hidePaths } from '../job/hide-paths.ts';
import type { Job } from '../job/types.ts';
import { type Python, PythonError } from '../python/interpreter.ts';
import { modelOf } from './model-of.ts';

/** Much more than an export takes, unless the machine is overloaded. */
const TIMEOUT_MS = 120_000;
/** Memory of the process besides PyTorch. */
const MEMORY_MIB = 2048;

const output = z.object({
  error: z.object({ kind: z.enum(['UNAVAILABLE', 'MODEL', 'FAILED']), message: z.string() }).nullable(),
});

/** An ONNX file that exists until it is disposed. */
export interface OnnxFile extends AsyncDisposable {
  /** Absolute path; its name is that of the job. */
  readonly path: string;
}

/**
 * Writes the model of a job as ONNX.
 * @param signal kills the process, and leaves the queue
 * @throws ModelUnavailableError, TrainerUnavailableError (PyTorch or onnx is missing), PredictionFailedError, TooManyExportsError, and the
 *   reason of `signal`
 */
export type ExportOnnx = (job: Job, signal: AbortSignal) => Promise<OnnxFile>;

/** Exports one model at a time, each in a process of its own, which an abandoned download ends. */
export function createOnnxExport(home: Home, python: Python): ExportOnnx {
  const limited = createConcurrencyLimit({
    maxConcurrent: 1,
    maxWaiting: 8,
    maxWaitMs: TIMEOUT_MS,
    full: () => new TooManyExportsError(),
  });

  const staging = join(home.staging, 'onnx');
  let cleared: Promise<void> | undefined;

  /** A new folder for an export. The first one removes what a killed server has left. */
  async function makeFolder(): Promise<string> {
    await (cleared ??= rm(staging, { recursive: true, force: true }));
    await mkdir(staging, { recursive: true, mode: 0o700 });
    return mkdtemp(join(staging, 'export-'));
  }

  async function write(job: Job, path: string, signal: AbortSignal): Promise<void> {
    const model = await modelOf(home, job);
    const args = ['export', '--json', '--memory-mib', String(MEMORY_MIB), '--model', model, '--output', path];
    let printed;
    try {
      printed = await python.trainyard(args, TIMEOUT_MS, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PythonError)) throw error;
      const reason = error.killed ? `took more than ${TIMEOUT_MS / 1000} seconds, or too much memory` : 'failed';
      throw new PredictionFailedError(`The export ${reason}. Try again later.`, { cause: error });
    }
    const { error } = output.parse(JSON.parse(printed));
    if (!error) return;
    const message = hidePaths(error.message, home.root);
    if (error.kind === 'UNAVAILABLE') throw new TrainerUnavailableError(job.request.trainer, message);
    if (error.kind === 'MODEL') throw new ModelUnavailableError(job.id, message);
    throw new PredictionFailedError(message);
  }

  return async (job, signal) => {
    await modelOf(home, job); // a job without a model need not wait for others
    return limited(async () => {
      const folder = await makeFolder();
      const remove = () => rm(folder, { recursive: true, force: true });
      try {
        const path = join(folder, `${job.id}.onnx`);
        await write(job, path, signal);
        return { path, [Symbol.asyncDispose]: remove };
      } catch (error) {
        await remove();
        throw error;
      }
    }, signal);
  };
}
