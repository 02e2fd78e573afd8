import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the kernel gives to `listen(0)` and to outgoing connections, so that no other program takes one by chance. */
const FIRST_PORT = 20_000;
const PORTS_PER_WORKER = 1_000;

/** Test files run at the same time in workers, so each worker has ports of its own. */
const workerPort = FIRST_PORT + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 12) * PORTS_PER_WORKER;
let next = process.pid;

/** A port of 127.0.0.1 that nothing listens on, also until the caller starts the program that will listen there. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS_PER_WORKER; tries += 1) {
    const port = workerPort + (next % PORTS_PER_WORKER);
    next += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`All ports from ${workerPort} to ${workerPort + PORTS_PER_WORKER - 1} are in use.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
