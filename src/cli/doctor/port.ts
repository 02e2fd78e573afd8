import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Finding, note, ok, wrong } from './check.ts';
import { type Endpoint, isTrainyard } from './endpoint.ts';

/** Checks that a server can listen on the port, and otherwise identifies the program that does. */
export async function checkPort(host: string, port: number, endpoint: Endpoint): Promise<Finding> {
  const code = await tryToListen(host, port);
  if (code === null) return ok('Port', `${port} on ${host} is free`);
  if (code === 'EADDRINUSE') {
    return (await isTrainyard(endpoint))
      ? ok('Port', `a Trainyard server listens on ${port} on ${host}`)
      : wrong(
          'Port',
          `${port} on ${host} is used by another program.`,
          'Stop that program, or set TRAINYARD_PORT to another port (0 selects a free one).',
        );
  }
  return code === 'EACCES'
    ? wrong('Port', `${port} is reserved for the system.`, 'Set TRAINYARD_PORT to 1024 or more.')
    : note(
        'Port',
        `This machine cannot listen on ${host} (${code}).`,
        'Set TRAINYARD_HOST to an address of this machine, for example 127.0.0.1.',
      );
}

async function tryToListen(host: string, port: number): Promise<string | null> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
