import { once } from 'node:events';
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Settings } from '../settings/settings.ts';

/** The address of a server. */
export interface Address {
  /** For example `http://127.0.0.1:4000`, or `unix:/run/lab/trainyard.sock`. */
  readonly url: string;
  /** 0 for a Unix socket. */
  readonly port: number;
}

/**
 * Lets a server listen on its port, or on its Unix socket alone, which only its user can open.
 * @throws Error with `code` EADDRINUSE, EACCES or EADDRNOTAVAIL when it cannot
 */
export async function listen(
  http: Server,
  {
    host,
    port,
    socket = null,
    tls = null,
  }: Pick<Settings, 'host' | 'port'> & Partial<Pick<Settings, 'socket' | 'tls'>>,
): Promise<Address> {
  if (socket !== null) {
    await removeStaleSocket(socket);
    http.listen({ path: socket });
    await once(http, 'listening');
    chmodSync(socket, 0o600);
    return { url: `unix:${socket}`, port: 0 };
  }
  http.listen({ port, host });
  await once(http, 'listening');
  const chosen = (http.address() as AddressInfo).port;
  const scheme = tls === null ? 'http' : 'https';
  return { url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${chosen}`, port: chosen };
}

/**
 * Removes the socket of a server that was killed: it refuses connections. Another kind of file is not removed, and listening fails.
 * @throws Error with `code` EADDRINUSE when a server listens there
 */
async function removeStaleSocket(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const client = connect(path);
  try {
    await once(client, 'connect');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
    unlinkSync(path);
    return;
  } finally {
    client.destroy();
  }
  throw Object.assign(new Error(`A server listens on ${path}.`), { code: 'EADDRINUSE' });
}
