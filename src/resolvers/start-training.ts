import { InvalidInputError } from '../runner/index.ts';
import type { Job, StartInput } from '../runner/index.ts';
import type { Context } from './context.ts';

/** Arguments from the client; `options` is JSON that is not validated yet. */
export interface StartTrainingArguments extends Omit<StartInput, 'options'> {
  readonly options?: unknown;
}

/**
 * Creates a job and starts it when a slot is free.
 * @throws InvalidInputError, DatasetNotFoundError, TrainerUnavailableError, QueueFullError, IdempotencyConflictError
 */
export async function startTraining(
  { runner, caller, countStart }: Context,
  input: StartTrainingArguments,
): Promise<Job> {
  return runner.start(checkedStartInput(input, ['input']), { startedBy: caller.user, admit: countStart });
}

/**
 * Checks that `options` is an object.
 * @param path the path of the input in the arguments
 * @throws InvalidInputError
 */
export function checkedStartInput({ options, ...input }: StartTrainingArguments, path: readonly string[]): StartInput {
  if (options != null && !isObject(options)) {
    throw new InvalidInputError('options must be a JSON object, for example { "hidden": [32] }.', [...path, 'options']);
  }
  return { ...input, options };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
