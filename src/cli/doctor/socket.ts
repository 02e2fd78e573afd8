import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Finding, note, ok, wrong } from './check.ts';
import { type Endpoint, isTrainyard } from './endpoint.ts';

/** Checks that a server can listen on its Unix socket, and otherwise identifies what is there. */
export async function checkSocket(path: string, endpoint: Endpoint): Promise<Finding> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    return lstatSync(dirname(path), { throwIfNoEntry: false }) === undefined
      ? wrong('Socket', `${dirname(path)} does not exist.`, 'Create the folder, or correct TRAINYARD_SOCKET.')
      : ok('Socket', `${path} is free`);
  }
  if (!stats.isSocket()) {
    return wrong('Socket', `${path} is not a socket.`, 'Delete it, or set TRAINYARD_SOCKET to another path.');
  }
  return (await isTrainyard(endpoint))
    ? ok('Socket', `a Trainyard server listens on ${path}`)
    : note(
        'Socket',
        `No Trainyard server responds on ${path}.`,
        'The next start replaces the socket of an ended server.',
      );
}
