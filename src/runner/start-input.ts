import { createHash } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { InvalidInputError, TrainerUnavailableError } from './errors.ts';
import type { StartInput, TrainingRequest } from './job.ts';
import type { TrainerDescription } from './runner.ts';

/** What `dataset` is when it is left out. */
export const SAMPLE_DATASET = 'sample.csv';

const MAX_NAME = 200;
const MAX_TAGS = 20;
const MAX_TAG = 64;
const MAX_OPTIONS_BYTES = 64 * 1024;
const MAX_KEY = 255;

/**
 * Fills in every default and checks everything that can be checked without touching a file.
 * @throws InvalidInputError, TrainerUnavailableError
 */
export function resolveInput(input: StartInput, trainers: readonly TrainerDescription[]): TrainingRequest {
  const trainerName = input.trainer ?? 'tabular';
  const backend = input.backend ?? 'AUTO';
  checkText(input);
  const trainer = trainers.find(({ name }) => name === trainerName);
  if (!trainer) {
    const names = trainers.map(({ name }) => name).join(', ');
    throw new InvalidInputError(
      `There is no trainer ${JSON.stringify(trainerName.slice(0, 64))}. There is: ${names}.`,
      ['input', 'trainer'],
    );
  }
  if (!trainer.available || !trainer.defaults) {
    throw new TrainerUnavailableError(trainer.name, trainer.unavailableReason ?? 'This trainer cannot run here.');
  }
  if (backend !== 'AUTO' && !trainer.backends.includes(backend)) {
    throw new TrainerUnavailableError(
      trainer.name,
      backend === 'TORCH'
        ? 'PyTorch is not installed for the Python that trains. Run `npm run setup`, set TRAINYARD_PYTHON to one that has it, or use backend AUTO or SIMULATION.'
        : `This trainer has no ${backend} backend here. It has: ${trainer.backends.join(', ')}.`,
    );
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
  };
}

/** A digest that is equal for inputs that ask for the same, whatever the order of their keys. */
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

function checkText({ name, tags, idempotencyKey }: StartInput): void {
  if (name != null && (name.trim() === '' || name.length > MAX_NAME)) {
    throw new InvalidInputError(`A name has 1 to ${MAX_NAME} characters.`, ['input', 'name']);
  }
  if (tags && tags.length > MAX_TAGS) {
    throw new InvalidInputError(`A job has at most ${MAX_TAGS} tags.`, ['input', 'tags']);
  }
  for (const [index, tag] of (tags ?? []).entries()) {
    if (tag.trim() === '' || tag.length > MAX_TAG) {
      throw new InvalidInputError(`A tag has 1 to ${MAX_TAG} characters.`, ['input', 'tags', String(index)]);
    }
  }
  if (idempotencyKey != null && (idempotencyKey === '' || idempotencyKey.length > MAX_KEY)) {
    throw new InvalidInputError(`An idempotencyKey has 1 to ${MAX_KEY} characters.`, ['input', 'idempotencyKey']);
  }
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
    const message = `Trainer ${trainer.name} has no option ${JSON.stringify(params.additionalProperty.slice(0, 64))}. It has: ${known}.`;
    throw new InvalidInputError(message, ['input', 'options', ...path, params.additionalProperty]);
  }
  const allowed = params.allowedValues ? `: ${params.allowedValues.map((v) => JSON.stringify(v)).join(', ')}` : '';
  const name = ['options', ...path].join('.');
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
