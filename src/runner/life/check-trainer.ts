import { Ajv2020 } from 'ajv/dist/2020.js';
import { InvalidInputError } from '../job/errors.ts';
import { type Backend, STANDARD_SETTINGS, type StartInput } from '../job/request.ts';
import { quote, shorten } from '../job/shorten.ts';
import { SETUP_COMMAND } from '../python/setup-command.ts';
import type { TrainerDescription } from '../python/trainer-description.ts';

const MAX_OPTIONS_BYTES = 64 * 1024;
const UNAVAILABLE = 'This trainer cannot run here.';

/** Why a trainer cannot run here with this backend, as a sentence that says what to do; null if it can. */
export function unavailability(name: string, backend: Backend, trainers: readonly TrainerDescription[]): string | null {
  const trainer = trainers.find((other) => other.name === name);
  if (!trainer?.available) return trainer?.unavailableReason ?? UNAVAILABLE;
  if (backend === 'AUTO' || trainer.backends.includes(backend)) return null;
  if (trainer.source !== 'SHIPPED') {
    return `Trainer ${name} has no backend to choose: it uses the libraries that it imports. Omit backend.`;
  }
  return backend === 'TORCH'
    ? `PyTorch is not installed for the Python that trains. Run \`${SETUP_COMMAND}\`, set TRAINYARD_PYTHON to one that has it, or use backend AUTO or SIMULATION.`
    : `This trainer has no ${backend} backend here. It has: ${trainer.backends.join(', ')}.`;
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
  for (const field of ['arguments', 'processes'] as const) {
    const given = input[field];
    if (given == null || given === 1 || (typeof given === 'object' && given.length === 0)) continue;
    throw new InvalidInputError(`Trainer ${trainer.name} takes no ${field}: only scripts do. Omit ${field}.`, [
      'input',
      field,
    ]);
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
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  if (ajv.validate(withoutGiven(trainer.options, scriptArguments), options)) return;
  const error = ajv.errors?.[0];
  const path = error?.instancePath.split('/').slice(1) ?? [];
  const params = (error?.params ?? {}) as {
    additionalProperty?: string;
    missingProperty?: string;
    allowedValues?: unknown[];
  };
  if (params.missingProperty !== undefined) {
    const message = `Trainer ${trainer.name} requires the option ${quote(params.missingProperty)}. Set it in options${trainer.acceptsArguments ? ', or its flag in arguments' : ''}.`;
    throw new InvalidInputError(message, ['input', 'options', ...path, params.missingProperty]);
  }
  if (params.additionalProperty !== undefined) {
    const known = Object.keys(trainer.options['properties'] ?? {});
    const has = known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has none.';
    const message = `Trainer ${trainer.name} has no option ${quote(params.additionalProperty)}. ${has}`;
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

/** The schema without the requirement of options whose long flag, such as `--num-epochs=3`, is among the arguments. */
function withoutGiven(schema: TrainerDescription['options'], scriptArguments: readonly string[]): object {
  const { required } = schema;
  if (!Array.isArray(required) || scriptArguments.length === 0) return schema;
  const flags = scriptArguments.filter((text) => text.startsWith('-')).map((text) => text.split('=', 1)[0] ?? '');
  const given = new Set(flags.map((flag) => flag.replace(/^--?/, '').replaceAll('-', '_')));
  return { ...schema, required: required.filter((name: unknown) => !given.has(String(name).replaceAll('-', '_'))) };
}
