import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InvalidInputError, TrainerUnavailableError } from '../job/errors.ts';
import { DECIMAL_LIMITS, INPUT_LIMITS, wholeNumberText } from '../job/input-limits.ts';
import { checkGroupName } from '../job/group.ts';
import { checkLabels } from '../job/labels.ts';
import type { StartInput, TrainingRequest } from '../job/request.ts';
import { NO_RESOURCE_RULES, type ResourceRules, type Resources, resolveResources } from '../job/resources.ts';
import { MAX_BACKOFF_SECONDS, NOT_RETRIED_BY_DEFAULT } from '../job/retry.ts';
import { FAILURE_REASONS } from '../job/failure.ts';
import { quote } from '../job/shorten.ts';
import type { TrainerDefaults, TrainerDescription } from '../python/trainer-description.ts';
import { checkOptions, checkSettings, unavailability, namesOf, unreadReason } from './check-trainer.ts';

/** The default of `dataset` for shipped trainers. */
export const SAMPLE_DATASET = 'sample.csv';

const MAX_ARGUMENTS = 1000;
const MAX_ARGUMENT_LENGTH = 8192;
const MAX_ARGUMENTS_LENGTH = 64 * 1024;
/** The last time that ISO 8601 writes with four digits for the year, Unix ms. */
const MAX_TIME = Date.UTC(9999, 11, 31);
const DEFAULT_BACKOFF_SECONDS = 10;

/**
 * Fills in every default and validates everything that needs no file access.
 * @param gpuCount number of GPUs that can be leased
 * @param rules what an administrator allows
 * @throws InvalidInputError, TrainerUnavailableError
 */
export function resolveInput(
  input: StartInput,
  trainers: readonly TrainerDescription[],
  gpuCount: number,
  rules: ResourceRules = NO_RESOURCE_RULES,
): TrainingRequest {
  const trainerName = input.trainer ?? 'tabular';
  const backend = input.backend ?? 'AUTO';
  checkLabels(input);
  if (input.group != null) checkGroupName(input.group, ['input', 'group']);
  const trainer = trainers.find(({ name }) => name === trainerName);
  if (!trainer) {
    const unread = unreadReason(trainers);
    if (unread !== null) throw new TrainerUnavailableError(trainerName, unread);
    throw new InvalidInputError(`Unknown trainer ${quote(trainerName)}. Available trainers: ${namesOf(trainers)}.`, [
      'input',
      'trainer',
    ]);
  }
  const unavailable = unavailability(trainerName, backend, trainers);
  if (unavailable !== null || !trainer.defaults) {
    throw new TrainerUnavailableError(trainer.name, unavailable ?? 'Python cannot describe it.');
  }
  checkSettings(input, trainer);
  const gpus = onlyOne(input, 'gpus', 'gpus');
  const processes = onlyOne(input, 'processes', 'processesPerNode');
  const parsed = schemaFor(trainer.defaults, gpuCount).safeParse({ ...input, gpus, processes });
  if (!parsed.success) throw invalidInput(parsed.error);
  const resources = resolveResources(input.resources, rules);
  checkNodes(resources, trainer);
  checkGpuType(resources, parsed.data.gpus);
  checkOptions(parsed.data.options, input.arguments ?? [], trainer);
  return {
    ...parsed.data,
    ...(resources && { resources }),
    timeLimitSeconds: rules.isCluster
      ? parsed.data.timeLimitSeconds
      : least(parsed.data.timeLimitSeconds, resources?.timeLimitSeconds ?? null),
    name: input.name ?? null,
    // Which jobs these are is known when the job is recorded.
    dependsOn: [],
    group: input.group ?? null,
    tags: [...new Set(input.tags ?? [])],
    trainer: trainer.name,
    backend,
    dataset: input.dataset ?? (trainer.source === 'SHIPPED' ? SAMPLE_DATASET : null),
  };
}

type RequestSchema = ReturnType<typeof requestSchema>;
const schemas = new WeakMap<TrainerDefaults, { readonly gpuCount: number; readonly schema: RequestSchema }>();

/** The schema of the requests for a trainer. It is kept: to create one takes several times as long as to use it. */
function schemaFor(defaults: TrainerDefaults, gpuCount: number): RequestSchema {
  const known = schemas.get(defaults);
  if (known?.gpuCount === gpuCount) return known.schema;
  const schema = requestSchema(defaults, gpuCount);
  schemas.set(defaults, { gpuCount, schema });
  return schema;
}

/** The fields whose ranges are checked, with the defaults of the trainer. */
function requestSchema(defaults: TrainerDefaults, gpuCount: number) {
  return z.object({
    epochs: wholeNumber(...INPUT_LIMITS.epochs)
      .nullish()
      .transform(or(defaults.epochs)),
    batchSize: wholeNumber(...INPUT_LIMITS.batchSize)
      .nullish()
      .transform(or(defaults.batchSize)),
    learningRate: learningRate.nullish().transform(or(defaults.learningRate)),
    seed: wholeNumber(...INPUT_LIMITS.seed)
      .nullish()
      .transform(or(defaults.seed)),
    options: z
      .record(z.string(), z.unknown(), { error: 'options must be an object, for example {"hidden": [64]}.' })
      .nullish()
      .transform(or<Readonly<Record<string, unknown>>>({})),
    arguments: argumentList.nullish().transform(or<readonly string[]>([])),
    processes: wholeNumber(...INPUT_LIMITS.processes)
      .nullish()
      .transform(or(1)),
    priority: wholeNumber(...INPUT_LIMITS.priority)
      .nullish()
      .transform(or(0)),
    notBefore: z
      .number(notBeforeMessage)
      .min(0, notBeforeMessage)
      .max(MAX_TIME, notBeforeMessage)
      .nullish()
      .transform(or(null)),
    gpus: wholeNumber(...INPUT_LIMITS.gpus)
      .max(gpuCount, {
        error: ({ input }) =>
          `Requested ${String(input)} ${input === 1 ? 'GPU' : 'GPUs'}; ${gpuCount} ${gpuCount === 1 ? 'is' : 'are'} available on this machine.`,
      })
      .nullish()
      .transform(or(null)),
    retry: retryPolicy.nullish().transform(or(null)),
    timeLimitSeconds: seconds(...DECIMAL_LIMITS.timeLimitSeconds)
      .nullish()
      .transform(or(null)),
    stallLimitSeconds: seconds(...DECIMAL_LIMITS.stallLimitSeconds)
      .nullish()
      .transform(or(null)),
  });
}

/** A number that the input may also have among its resources, under another name. */
function onlyOne(
  { resources, ...input }: StartInput,
  field: 'gpus' | 'processes',
  name: 'gpus' | 'processesPerNode',
): number | null | undefined {
  const [given, ofResources] = [input[field], resources?.[name]];
  if (given == null || ofResources == null || given === ofResources) return given ?? ofResources;
  throw new InvalidInputError(`${field} is ${given}, and resources.${name} is ${ofResources}: leave one out.`, [
    'input',
    'resources',
    name,
  ]);
}

function checkNodes(resources: Resources | null, { name, source }: TrainerDescription): void {
  if ((resources?.nodes ?? 1) === 1 || source !== 'SHIPPED') return;
  const message = `Trainer ${name} runs on one node. Only scripts run on several.`;
  throw new InvalidInputError(message, ['input', 'resources', 'nodes']);
}

function checkGpuType(resources: Resources | null, gpus: number | null): void {
  if ((resources?.gpuType ?? null) === null || (gpus ?? 0) > 0) return;
  throw new InvalidInputError('gpuType needs gpus, the number of GPUs of that type.', [
    'input',
    'resources',
    'gpuType',
  ]);
}

function least(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** Replaces a missing value. */
function or<Default>(value: Default) {
  return <Value>(given: Value | null | undefined): Value | Default => given ?? value;
}

/** A message that names the field, what it must be, and what it was. */
function mustBe(what: string) {
  return {
    error: ({ path, input }: z.core.$ZodRawIssue) =>
      `${(path ?? []).join('.')} must be ${what}; it was ${String(input)}.`,
  };
}

function wholeNumber(min: number, max: number) {
  const message = mustBe(wholeNumberText(min, max));
  return z.number(message).int(message).min(min, message).max(max, message);
}

function seconds(min: number, max: number) {
  const message = mustBe(`a number from ${min} to ${max}`);
  return z.number(message).min(min, message).max(max, message);
}

const notBeforeMessage = mustBe('a time from 1970 to 9999');
const [noLearningRate, maxLearningRate] = DECIMAL_LIMITS.learningRate;
const learningRateMessage = mustBe(`a number above ${noLearningRate} and at most ${maxLearningRate}`);
const learningRate = z
  .number(learningRateMessage)
  .gt(noLearningRate, learningRateMessage)
  .max(maxLearningRate, learningRateMessage);

const argumentList = z
  .array(
    z
      .string()
      .max(MAX_ARGUMENT_LENGTH, `An argument must have at most ${MAX_ARGUMENT_LENGTH} characters.`)
      .regex(/^[^\0]*$/, 'An argument must not contain a NUL character.'),
  )
  .max(MAX_ARGUMENTS, `arguments must have at most ${MAX_ARGUMENTS} entries.`)
  .refine(
    (all) => all.reduce((sum, { length }) => sum + length, 0) <= MAX_ARGUMENTS_LENGTH,
    `arguments must have at most ${MAX_ARGUMENTS_LENGTH} characters in total.`,
  );

const retryPolicy = z.object({
  limit: wholeNumber(...INPUT_LIMITS.retries),
  on: z
    .array(z.enum(FAILURE_REASONS))
    .nullish()
    .transform(or(FAILURE_REASONS.filter((reason) => !NOT_RETRIED_BY_DEFAULT.includes(reason)))),
  backoffSeconds: seconds(0, MAX_BACKOFF_SECONDS).nullish().transform(or(DEFAULT_BACKOFF_SECONDS)),
});

/** The first problem as a sentence, with the path to it. */
function invalidInput({ issues }: z.ZodError): InvalidInputError {
  const path = ['input', ...(issues[0]?.path ?? []).map(String)];
  return new InvalidInputError(issues[0]?.message ?? 'The input is invalid.', path);
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
