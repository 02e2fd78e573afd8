import { createHash } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { InvalidInputError, TrainerUnavailableError } from '../job/errors.ts';
import { checkLabels } from '../job/labels.ts';
import type { Backend, RetryPolicy, StartInput, TrainingRequest } from '../job/request.ts';
import { MAX_BACKOFF_SECONDS, NOT_RETRIED_BY_DEFAULT } from '../job/retry.ts';
import { FAILURE_REASONS } from '../job/failure.ts';
import { quote, shorten } from '../job/shorten.ts';
import { SETUP_COMMAND } from '../python/setup-command.ts';
import type { TrainerDescription } from '../python/trainer-description.ts';

/** The default of `dataset`. */
export const SAMPLE_DATASET = 'sample.csv';

const MAX_OPTIONS_BYTES = 64 * 1024;
const MAX_LIMIT_SECONDS = 365 * 24 * 60 * 60;
const DEFAULT_BACKOFF_SECONDS = 10;

/**
 * Fills in every default and validates everything that needs no file access.
 * @param gpuCount number of GPUs that can be leased
 * @throws InvalidInputError, TrainerUnavailableError
 */
export function resolveInput(
  input: StartInput,
  trainers: readonly TrainerDescription[],
  gpuCount: number,
): TrainingRequest {
  const trainerName = input.trainer ?? 'tabular';
  const backend = input.backend ?? 'AUTO';
  checkLabels(input);
  const trainer = trainers.find(({ name }) => name === trainerName);
  if (!trainer) {
    const names = trainers.map(({ name }) => name).join(', ');
    throw new InvalidInputError(`There is no trainer ${quote(trainerName)}. There is: ${names}.`, ['input', 'trainer']);
  }
  const unavailable = unavailability(trainerName, backend, trainers);
  if (unavailable !== null || !trainer.defaults) {
    throw new TrainerUnavailableError(trainer.name, unavailable ?? UNAVAILABLE);
  }
  const options = input.options ?? {};
  checkOptions(options, trainer);
  return {
    name: input.name ?? null,
    tags: [...new Set(input.tags ?? [])],
    trainer: trainer.name,
    backend,
    dataset: input.dataset ?? SAMPLE_DATASET,
    epochs: whole('epochs', input.epochs ?? trainer.defaults.epochs, 1, 1_000_000),
    batchSize: whole('batchSize', input.batchSize ?? trainer.defaults.batchSize, 1, 10_000_000),
    learningRate: learningRate(input.learningRate ?? trainer.defaults.learningRate),
    seed: whole('seed', input.seed ?? trainer.defaults.seed, 0, 2 ** 31 - 1),
    options,
    priority: whole('priority', input.priority ?? 0, -1000, 1000),
    gpus: input.gpus == null ? null : gpus(input.gpus, gpuCount),
    retry: retryPolicy(input.retry),
    timeLimitSeconds: limit('timeLimitSeconds', input.timeLimitSeconds),
    stallLimitSeconds: limit('stallLimitSeconds', input.stallLimitSeconds),
  };
}

const UNAVAILABLE = 'This trainer cannot run here.';

/** Why a trainer cannot run here with this backend, as a sentence that says what to do; null if it can. */
export function unavailability(name: string, backend: Backend, trainers: readonly TrainerDescription[]): string | null {
  const trainer = trainers.find((other) => other.name === name);
  if (!trainer?.available) return trainer?.unavailableReason ?? UNAVAILABLE;
  if (backend === 'AUTO' || trainer.backends.includes(backend)) return null;
  return backend === 'TORCH'
    ? `PyTorch is not installed for the Python that trains. Run \`${SETUP_COMMAND}\`, set TRAINYARD_PYTHON to one that has it, or use backend AUTO or SIMULATION.`
    : `This trainer has no ${backend} backend here. It has: ${trainer.backends.join(', ')}.`;
}

/** A digest of the input, without its idempotency key and independent of the order of keys. */
export function digestOf(input: StartInput): string {
  return createHash('sha256')
    .update(canonical({ ...input, idempotencyKey: undefined }))
    .digest('hex');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part ?? undefined;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function checkOptions(options: Readonly<Record<string, unknown>>, trainer: TrainerDescription): void {
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw new InvalidInputError('options is an object, for example {"hidden": [64]}.', ['input', 'options']);
  }
  if (Buffer.byteLength(JSON.stringify(options)) > MAX_OPTIONS_BYTES) {
    throw new InvalidInputError(`options is larger than ${MAX_OPTIONS_BYTES} bytes.`, ['input', 'options']);
  }
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  if (ajv.validate(trainer.options, options)) return;
  const error = ajv.errors?.[0];
  const path = error?.instancePath.split('/').slice(1) ?? [];
  const params = (error?.params ?? {}) as { additionalProperty?: string; allowedValues?: unknown[] };
  if (params.additionalProperty !== undefined) {
    const known = Object.keys(trainer.options['properties'] ?? {}).join(', ');
    const message = `Trainer ${trainer.name} has no option ${quote(params.additionalProperty)}. It has: ${known}.`;
    throw new InvalidInputError(message, ['input', 'options', ...path, params.additionalProperty]);
  }
  const allowed = params.allowedValues ? `: ${params.allowedValues.map((v) => JSON.stringify(v)).join(', ')}` : '';
  const name = ['options', ...path.map((key) => shorten(key, 64))].join('.');
  throw new InvalidInputError(`${name} ${error?.message ?? 'is not as expected'}${allowed}.`, [
    'input',
    'options',
    ...path,
  ]);
}

function whole(field: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InvalidInputError(`${field} is a whole number from ${least} to ${most}; it was ${value}.`, [
      'input',
      field,
    ]);
  }
  return value;
}

function learningRate(value: number): number {
  if (!(value > 0) || value > 1000) {
    const message = `learningRate is a number above 0 and at most 1000; it was ${value}.`;
    throw new InvalidInputError(message, ['input', 'learningRate']);
  }
  return value;
}

function gpus(value: number, available: number): number {
  whole('gpus', value, 0, 1024);
  if (value > available) {
    throw new InvalidInputError(`Requested ${value} GPUs; ${available} are available on this machine.`, [
      'input',
      'gpus',
    ]);
  }
  return value;
}

function limit(field: 'timeLimitSeconds' | 'stallLimitSeconds', value: number | null | undefined): number | null {
  if (value == null) return null;
  if (!(value >= 1 && value <= MAX_LIMIT_SECONDS)) {
    throw new InvalidInputError(`${field} is a number from 1 to ${MAX_LIMIT_SECONDS}; it was ${value}.`, [
      'input',
      field,
    ]);
  }
  return value;
}

function retryPolicy(retry: StartInput['retry']): RetryPolicy | null {
  if (retry == null) return null;
  const { limit: times, on, backoffSeconds = DEFAULT_BACKOFF_SECONDS } = retry;
  if (!Number.isInteger(times) || times < 0 || times > 100) {
    throw new InvalidInputError(`retry.limit is a whole number from 0 to 100; it was ${times}.`, [
      'input',
      'retry',
      'limit',
    ]);
  }
  const seconds = backoffSeconds ?? DEFAULT_BACKOFF_SECONDS;
  if (!(seconds >= 0 && seconds <= MAX_BACKOFF_SECONDS)) {
    const message = `retry.backoffSeconds is a number from 0 to ${MAX_BACKOFF_SECONDS}; it was ${seconds}.`;
    throw new InvalidInputError(message, ['input', 'retry', 'backoffSeconds']);
  }
  return {
    limit: times,
    on: on ?? FAILURE_REASONS.filter((reason) => !NOT_RETRIED_BY_DEFAULT.includes(reason)),
    backoffSeconds: seconds,
  };
}
