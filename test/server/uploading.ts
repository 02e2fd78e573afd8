import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { ask } from './support.ts';

/** A server of any kind. */
interface Uploadable {
  readonly port: number;
  readonly home: string;
}

export const TABLE = 'x,y\n1,2\n3,4\n';
export const CHUNK = Buffer.alloc(64 * 1024, 'a,b\n');

/** A whole upload. */
export const put = (
  server: Uploadable,
  name: string,
  body: string | Buffer = TABLE,
  headers: Record<string, string> = {},
  path = `/datasets/${name}`,
) => ask(server, { method: 'PUT', path, headers, body });

/** The files in the datasets folder besides the sample. */
export const filesOf = ({ home }: Uploadable, folder = '') =>
  readdirSync(join(home, 'datasets', folder))
    .filter((name) => name !== 'sample.csv')
    .sort();
export const contentOf = ({ home }: Uploadable, name: string) => readFileSync(join(home, 'datasets', name), 'utf8');
/** The incomplete uploads. */
export const staged = (server: Uploadable) =>
  filesOf(server).includes('.incoming') ? filesOf(server, '.incoming') : [];

/** Begins an upload whose body is written by hand. */
export function begin(server: Uploadable, path: string, headers: Record<string, string> = {}): ClientRequest {
  const asked = request({ host: '127.0.0.1', port: server.port, method: 'PUT', path, headers, agent: false });
  asked.on('error', () => undefined);
  asked.flushHeaders();
  return asked;
}

/** The complete response to an upload that `begin` started. */
export async function answerTo(asked: ClientRequest): Promise<{ status: number; text: string }> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, text };
}
