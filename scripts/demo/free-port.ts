import { createServer } from 'node:net';
import { once } from 'node:events';

/** Returns `preferred` if it is free on `host`, else a free port that the system selects. */
export async function findFreePort(host: string, preferred: number): Promise<number> {
  return (await tryPort(host, preferred)) ?? (await tryPort(host, 0)) ?? preferred;
}

async function tryPort(host: string, port: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? null) : null;
  } catch {
    return null;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}
