import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { InvalidInputError } from '../job/errors.ts';
import { type Backend, STANDARD_SETTINGS, type StartInput } from '../job/request.ts';
import { quote, shorten } from '../job/shorten.ts';
import { SETUP_COMMAND } from '../python/setup-command.ts';
import type { TrainerDescription } from '../python/trainer-description.ts';

const MAX_OPTIONS_BYTES = 64 * 1024;
const MAX_NAMES = 20;
const UNAVAILABLE = 'This trainer cannot run here.';

/** Why a trainer cannot run here with this backend, as a sentence that says what to do; null if it can. */
export function unavailability(name: string, backend: Backend, trainers: readonly TrainerDescription[]): string | null {
  const trainer = trainers.find((other) => other.name === name);
  if (!trainer) return unreadReason(trainers) ?? `Trainer ${name} no longer exists: put its script back.`;
  if (!trainer.available) return trainer.unavailableReason ?? UNAVAILABLE;
  if (backend === 'AUTO' || trainer.backends.includes(backend)) return null;
  if (trainer.source !== 'SHIPPED') {
    return `Trainer ${name} has no backend to choose: it uses the libraries that it imports. Omit backend.`;
  }
  return backend === 'TORCH'
    ? `PyTorch is not installed for the Python that trains. Run \`${SETUP_COMMAND}\`, set TRAINYARD_PYTHON to one that has it, or use backend AUTO or SIMULATION.`
    : `This trainer has no ${backend} backend here. It has: ${trainer.backends.join(', ')}.`;
}

/** Why Python could not be asked for the trainers, so that any may exist; null if it could. */
export function unreadReason(trainers: readonly TrainerDescription[]): string | null {
  const [first] = trainers;
  return first && trainers.length === 1 ? first.unavailableReason : null;
}

/** The names of the trainers to choose from, as a list for a message. */
export function namesOf(trainers: readonly TrainerDescription[]): string {
  const names = trainers.filter(({ isHidden }) => !isHidden).map(({ name }) => name);
  const others = names.length - MAX_NAMES;
  return others > 0 ? `${names.slice(0, MAX_NAMES).join(', ')} and ${others} others` : names.join(', ');
}

/**
 * Checks that the trainer has every standard setting in `input`, and takes arguments if there are any.
 * @throws InvalidInputError
 */
export function checkSettings(input: StartInput, trainer: TrainerDescription): void {
  for (const setting of STANDARD_SETTINGS) {
    if (input[setting] == null || trainer.settings.includes(setting)) continue;
    const accepted = trainer.settings.length > 0 ? `It accepts: ${trainer.settings.join(', ')}.` : 'It accepts none.';
    const advice = trainer.acceptsArguments ? ' Use options or arguments for others.' : '';
    throw new InvalidInputError(`Trainer ${trainer.name} has no setting ${setting}. ${accepted}${advice}`, [
      'input',
      setting,
    ]);
  }
  if (trainer.acceptsArguments) return;
  const onlyOfScripts = [
    { given: input.arguments, path: ['arguments'] },
    { given: input.processes, path: ['processes'] },
    { given: input.resources?.processesPerNode, path: ['resources', 'processesPerNode'] },
  ];
  for (const { given, path } of onlyOfScripts) {
    if (given == null || given === 1 || (typeof given === 'object' && given.length === 0)) continue;
    const field = path.at(-1);
    const message = `Trainer ${trainer.name} takes no ${field}: only scripts do. Omit ${field}.`;
    throw new InvalidInputError(message, ['input', ...path]);
  }
}

/**
 * Checks the options against the schema of the trainer. A required option may also be given in `scriptArguments`.
 * @throws InvalidInputError with the path to the first invalid option
 */
export function checkOptions(
  options: Readonly<Record<string, unknown>>,
  scriptArguments: readonly string[],
  trainer: TrainerDescription,
): void {
  if (Buffer.byteLength(JSON.stringify(options)) > MAX_OPTIONS_BYTES) {
    throw new InvalidInputError(`options must have at most ${MAX_OPTIONS_BYTES} bytes as JSON.`, ['input', 'options']);
  }
  const missing = missingOption(options, scriptArguments, trainer);
  if (missing !== undefined) throw missingOptionError(trainer, [missing]);
  const validate = validatorOf(trainer);
  if (validate(options)) return;
  const error = validate.errors?.[0];
  const path = error?.instancePath.split('/').slice(1) ?? [];
  const params = (error?.params ?? {}) as {
    additionalProperty?: string;
    missingProperty?: string;
    allowedValues?: unknown[];
    type?: string | string[];
  };
  if (params.missingProperty !== undefined) throw missingOptionError(trainer, [...path, params.missingProperty]);
  if (params.additionalProperty !== undefined) {
    const known = Object.keys(trainer.options['properties'] ?? {});
    const has = known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has none.';
    const message = `Trainer ${trainer.name} has no option ${quote(params.additionalProperty)}. ${has}`;
    throw new InvalidInputError(message, ['input', 'options', ...path, params.additionalProperty]);
  }
  const allowed = params.allowedValues ? `: ${params.allowedValues.map((v) => JSON.stringify(v)).join(', ')}` : '';
  const name = ['options', ...path.map((key) => shorten(key, 64))].join('.');
  const types = error?.keyword === 'type' ? [params.type ?? []].flat() : [];
  const expected = types.length > 0 ? `must be ${types.map(typeText).join(' or ')}` : error?.message;
  throw new InvalidInputError(`${name} ${expected ?? 'is not as expected'}${allowed}.`, ['input', 'options', ...path]);
}

/** Names of the types of JSON Schema for users. */
const TYPES: Readonly<Record<string, string>> = {
  array: 'a list, such as [1, 2]',
  boolean: 'true or false',
  integer: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object, such as {"key": "value"}',
  string: 'text',
};

function typeText(type: string): string {
  return TYPES[type] ?? type;
}

/**
 * Compiled schemas without the options that they require at the top. Compiling takes tens of milliseconds, and the description of a trainer
 * stays the same object until Python describes it again.
 */
const validators = new WeakMap<TrainerDescription['options'], ValidateFunction>();

function validatorOf({ name, options: schema }: TrainerDescription): ValidateFunction {
  const known = validators.get(schema);
  if (known) return known;
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  const validate = compile(() => ajv.compile({ ...schema, required: [] }), name);
  validators.set(schema, validate);
  return validate;
}

/** Python checks most of a schema. A regular expression can be valid there, but not in JavaScript. */
function compile(compiled: () => ValidateFunction, name: string): ValidateFunction {
  try {
    return compiled();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The options of trainer ${name} are not valid: ${shorten(reason, 300)}. Correct its metadata.`;
    throw new InvalidInputError(message, ['input', 'trainer']);
  }
}

/** The first required option that is neither in the options nor, by its long flag, such as `--num-epochs=3`, among the arguments. */
function missingOption(
  options: Readonly<Record<string, unknown>>,
  scriptArguments: readonly string[],
  { options: { required } }: TrainerDescription,
): string | undefined {
  if (!Array.isArray(required)) return undefined;
  const flags = scriptArguments.filter((text) => text.startsWith('-')).map((text) => text.split('=', 1)[0] ?? '');
  const given = new Set(flags.map((flag) => flag.replace(/^--?/, '').replaceAll('-', '_')));
  return required.map(String).find((name) => !Object.hasOwn(options, name) && !given.has(name.replaceAll('-', '_')));
}

function missingOptionError(
  { name, acceptsArguments }: TrainerDescription,
  path: readonly string[],
): InvalidInputError {
  const message = `Trainer ${name} requires the option ${quote(path.at(-1) ?? '')}. Set it in options${acceptsArguments ? ', or its flag in arguments' : ''}.`;
  return new InvalidInputError(message, ['input', 'options', ...path]);
}
