import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { sendRequest } from '../api/transport.ts';

/** The address of a server with these settings. */
export interface Endpoint {
  /** For example `https://127.0.0.1:4000` or `unix:/run/lab/trainyard.sock`. */
  readonly url: string;
  /** PEM of its certificate; undefined without TLS, and when the file cannot be read. */
  readonly certificate: string | undefined;
}

/** The endpoint that the settings of a server name. A wildcard address is reached at a loopback one. */
export function endpointOf(environment: NodeJS.ProcessEnv, host: string, port: number): Endpoint {
  const socket = environment['TRAINYARD_SOCKET'];
  if (socket) return { url: `unix:${resolve(socket)}`, certificate: undefined };
  const name = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  const authority = `${name.includes(':') ? `[${name}]` : name}:${port}`;
  const certFile = environment['TRAINYARD_TLS_CERT'];
  if (!certFile) return { url: `http://${authority}`, certificate: undefined };
  return { url: `https://${authority}`, certificate: readText(certFile) };
}

/** Whether a Trainyard server responds at an endpoint. */
export async function isTrainyard({ url, certificate }: Endpoint): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(5000);
    const response = await sendRequest(url, { method: 'GET', path: '/ready', signal, certificate });
    const { status } = (await response.json()) as { status?: unknown };
    return typeof status === 'string';
  } catch {
    return false;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
