import type { Job } from '../runner/index.ts';
import type { Context } from './context.ts';
import { checkedStartInput, type StartTrainingArguments } from './start-training.ts';

/**
 * Creates up to 1,000 jobs, all or none, and starts each as soon as it may.
 * @throws InvalidInputError, DatasetNotFoundError, TrainerUnavailableError, QueueFullError, IdempotencyConflictError
 */
export async function startTrainings(
  { runner, caller, countStart }: Context,
  inputs: readonly StartTrainingArguments[],
): Promise<{ readonly jobs: readonly Job[] }> {
  const checked = inputs.map((input, position) => checkedStartInput(input, ['inputs', String(position)]));
  return { jobs: await runner.startAll(checked, { startedBy: caller.user, admit: countStart }) };
}
