import type { Api } from '../api/create-api.ts';
import { ApiError, UnreachableError } from '../api/errors.ts';
import { READ_TRAINERS } from '../api/operations.ts';
import { type Finding, note, ok, wrong } from './check.ts';

/**
 * Looks whether the API answers, and can train.
 * @param expected whether somebody has said where it is: then it is wrong that it does not answer
 */
export async function checkServer(api: Api, expected: boolean): Promise<Finding> {
  try {
    const { trainers } = await api.ask(READ_TRAINERS, {});
    const usable = trainers.filter(({ available }) => available);
    if (usable.length > 0) {
      return ok(
        'Server',
        `${api.url} answers, and trains: ${usable.map(({ name, backends }) => `${name} (${backends.join(', ')})`).join(', ')}`,
      );
    }
    const reason = trainers[0]?.unavailableReason ?? 'it has no trainer.';
    return wrong(
      'Server',
      `${api.url} answers, and cannot train: ${reason}`,
      'Mend that where the server runs, and start it again.',
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!(error instanceof UnreachableError))
      return wrong('Server', `${api.url} answers: ${error.message}`, 'See `trainyard --help` for tokens.');
    if (expected)
      return wrong(
        'Server',
        `Nothing answers at ${api.url}, or no Trainyard server.`,
        'Start it, or correct --url or TRAINYARD_URL.',
      );
    return note('Server', `None answers at ${api.url}.`, '`trainyard serve` starts one.');
  }
}
