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
  { options, ...input }: StartTrainingArguments,
): Promise<Job> {
  if (options != null && !isObject(options)) {
    throw new InvalidInputError('options must be a JSON object, for example { "hidden": [32] }.', ['input', 'options']);
  }
  return runner.start({ ...input, options }, { startedBy: caller.user, admit: countStart });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
