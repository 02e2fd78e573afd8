import type { Api } from '../api/create-api.ts';
import { ApiError, UnreachableError } from '../api/errors.ts';
import { READ_TRAINERS } from '../api/operations/trainers.ts';
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
    const tls = tlsProblemOf(error);
    if (tls !== null) {
      return wrong(
        'Server',
        `${api.url} responds with another certificate than expected (${tls}).`,
        'Check that TRAINYARD_TLS_CERT names the file that the server uses, and that the certificate has not expired.',
      );
    }
    if (expected)
      return wrong(
        'Server',
        `No Trainyard server responds at ${api.url}.`,
        'Start the server, or correct --url or TRAINYARD_URL.',
      );
    return note('Server', `No server responds at ${api.url}.`, 'Run `trainyard serve` to start one.');
  }
}

/** The code of a failed TLS handshake; null for an address where nothing listens, and for other failures. */
function tlsProblemOf({ cause }: UnreachableError): string | null {
  // `fetch` hides the system error one level deeper.
  const codes = [cause, cause instanceof Error ? cause.cause : null].map((error) =>
    error instanceof Error && 'code' in error ? String(error.code) : '',
  );
  return codes.find((code) => /CERT|SIGNATURE|TLS|SSL|EPROTO/.test(code)) ?? null;
}
