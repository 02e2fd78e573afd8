import type { Api } from '../api/create-api.ts';
import { ApiError, UnreachableError } from '../api/errors.ts';
import { READ_TRAINERS } from '../api/operations.ts';
import { type Finding, note, ok, wrong } from './check.ts';

/**
 * Checks that the API responds and has a usable trainer.
 * @param expected whether the user named the server: then a missing response is a problem
 */
export async function checkServer(api: Api, expected: boolean): Promise<Finding> {
  try {
    const { trainers } = await api.request(READ_TRAINERS, {});
    const usable = trainers.filter(({ available }) => available);
    if (usable.length > 0) {
      return ok(
        'Server',
        `${api.url} responds, with trainers: ${usable.map(({ name, backends }) => `${name} (${backends.join(', ')})`).join(', ')}`,
      );
    }
    const reason = trainers[0]?.unavailableReason ?? 'there is no trainer.';
    return wrong(
      'Server',
      `${api.url} responds, but cannot train: ${reason}`,
      'Fix this on the machine of the server, and restart the server.',
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!(error instanceof UnreachableError))
      return wrong(
        'Server',
        `${api.url} responds with an error: ${error.message}`,
        'See `trainyard --help` for access tokens.',
      );
    if (expected)
      return wrong(
        'Server',
        `No Trainyard server responds at ${api.url}.`,
        'Start the server, or correct --url or TRAINYARD_URL.',
      );
    return note('Server', `No server responds at ${api.url}.`, 'Run `trainyard serve` to start one.');
  }
}
