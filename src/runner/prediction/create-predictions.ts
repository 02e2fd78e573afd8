import { z } from 'zod';
import {
  ModelUnavailableError,
  PredictionFailedError,
  InvalidInputError,
  TrainerUnavailableError,
} from '../job/errors.ts';
import { hidePaths } from '../job/hide-paths.ts';
import type { Job } from '../job/types.ts';
import type { Home } from '../home.ts';
import type { Logger } from '../logger.ts';
import type { Python } from '../python/interpreter.ts';
import { SETUP_COMMAND } from '../python/setup-command.ts';
import { modelOf } from './model-of.ts';
import type { ModelDescription, PredictOptions, PredictionResult } from './prediction.ts';
import { startWorker, WorkerUnavailableError } from './worker.ts';
import { createWorkerPool } from './worker-pool.ts';

const MAX_ROWS = 1000;
/** Size of the rows as JSON, characters. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

const outcome = z.union([
  z.object({ error: z.object({ kind: z.enum(['ROWS', 'MODEL', 'FAILED']), message: z.string() }) }),
  z.object({ result: z.unknown() }),
]);

const predicted = z.object({
  values: z.array(z.unknown()),
  classes: z.array(z.string()),
  probabilities: z.array(z.array(z.number())).nullable(),
  warnings: z.array(z.string()),
});

const described = z.object({
  task: z.enum(['regression', 'classification']),
  targets: z.array(z.string()),
  classes: z.array(z.string()),
  inputs: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['number', 'category', 'date', 'time', 'text']),
      example: z.string().nullable(),
      categories: z.array(z.string()),
    }),
  ),
  input_count: z.number().int(),
});

/** Predicts rows with the models of jobs. */
export interface Predictions extends AsyncDisposable {
  /** See `Runner.predict`. */
  predict(job: Job, rows: readonly unknown[], options?: PredictOptions): Promise<PredictionResult>;
  /** See `Runner.model`. */
  describe(job: Job, options?: PredictOptions): Promise<ModelDescription>;
  /** @throws ModelUnavailableError if a job has no model that can predict */
  check(job: Job): Promise<void>;
}

/** Predictions in at most two Python processes, which keep the models that were used last in memory. */
export function createPredictions(home: Home, python: Python, logger: Logger): Predictions {
  const pool = createWorkerPool({
    start: () => startWorker(python),
    maxWorkers: 2,
    idleMs: 5 * 60_000,
    // The first import of PyTorch after a start of the machine reads a gigabyte.
    startMs: 120_000,
    requestMs: 20_000,
    maxWaiting: 64,
    maxWaitMs: 120_000,
    logger,
  });

  async function ask(job: Job, request: object, { signal }: PredictOptions): Promise<unknown> {
    const model = await modelOf(home, job);
    let answer: unknown;
    try {
      answer = await pool.run({ ...request, model }, signal);
    } catch (error) {
      if (!(error instanceof WorkerUnavailableError)) throw error;
      const reason = hidePaths(error.message, home.root);
      throw new TrainerUnavailableError(
        job.request.trainer,
        `Predictions are not available: ${reason} Run \`${SETUP_COMMAND}\`, or set TRAINYARD_PYTHON to a Python that has it.`,
      );
    }
    const checked = outcome.parse(answer);
    if ('result' in checked) return checked.result;
    const message = hidePaths(checked.error.message, home.root);
    if (checked.error.kind === 'ROWS') throw new InvalidInputError(message, ['rows']);
    if (checked.error.kind === 'MODEL') throw new ModelUnavailableError(job.id, message);
    throw new PredictionFailedError(message);
  }

  return {
    async predict(job, rows, options = {}) {
      checkRows(rows);
      if (rows.length === 0) return { predictions: [], warnings: [] };
      const { values, classes, probabilities, warnings } = predicted.parse(
        await ask(job, { task: 'predict', rows }, options),
      );
      const chances = (row: readonly number[]) =>
        Object.fromEntries(row.map((chance, at) => [classes[at] ?? '', chance]));
      return {
        predictions: values.map((value, index) => ({
          value,
          probabilities: probabilities && chances(probabilities[index] ?? []),
        })),
        warnings: warnings.map((warning) => hidePaths(warning, home.root)),
      };
    },
    async describe(job, options = {}) {
      const { input_count: inputCount, ...rest } = described.parse(await ask(job, { task: 'describe' }, options));
      return { ...rest, inputCount };
    },
    async check(job) {
      await modelOf(home, job);
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

function checkRows(rows: readonly unknown[]): void {
  if (rows.length > MAX_ROWS) {
    throw new InvalidInputError(
      `rows has ${rows.length} entries; the maximum is ${MAX_ROWS}. Send several requests, or start a prediction job for a dataset.`,
      ['rows'],
    );
  }
  const at = rows.findIndex((row) => typeof row !== 'object' || row === null || Array.isArray(row));
  if (at !== -1) {
    throw new InvalidInputError(`rows.${at} must be an object of values by column, such as { "age": 30 }.`, [
      'rows',
      String(at),
    ]);
  }
  const { length } = JSON.stringify(rows);
  if (length > MAX_CHARACTERS) {
    throw new InvalidInputError(
      `rows has ${length} characters as JSON; the maximum is ${MAX_CHARACTERS}. Send fewer rows at once.`,
      ['rows'],
    );
  }
}
