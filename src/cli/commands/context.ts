import { readFileSync } from 'node:fs';
import { type Api, type ConnectionState, createApi } from '../api/create-api.ts';
import type { Screen } from '../terminal/screen.ts';
import { UsageError } from '../usage-error.ts';

/** The flags of every command. */
export interface CommonFlags {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

/** The environment of a command. */
export interface CommandContext {
  readonly screen: Screen;
  /** Aborted by Ctrl-C, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  readonly environment: NodeJS.ProcessEnv;
}

const DEFAULT_URL = 'http://127.0.0.1:4000';

/**
 * Creates the API client for the server that the flags or the environment name.
 * @param certificate PEM of the certificate that requests accept, and no other
 * @throws UsageError when the address is invalid, or the token file cannot be read
 */
export function apiFor(
  flags: CommonFlags,
  { signal, environment }: Pick<CommandContext, 'signal' | 'environment'>,
  onConnection?: (state: ConnectionState) => void,
  certificate?: string,
): Api {
  return createApi({
    url: serverUrl(flags, environment),
    token: readToken(flags, environment),
    signal,
    certificate,
    ...(onConnection === undefined ? {} : { onConnection }),
  });
}

/**
 * The address of the server without the path of the endpoint: `--url`, else TRAINYARD_URL, else the default of `serve`.
 * @throws UsageError
 */
export function serverUrl({ url }: CommonFlags, environment: NodeJS.ProcessEnv): string {
  const given = url ?? (environment['TRAINYARD_URL'] || undefined);
  const text = given ?? DEFAULT_URL;
  if (/^unix:\/[\w./@+~-]{1,100}$/.test(text)) return text;
  const parsed = URL.canParse(text) ? new URL(text) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new UsageError(
      `${url === undefined ? 'TRAINYARD_URL' : '--url'} takes an address such as ${DEFAULT_URL} or unix:/run/lab/trainyard.sock, not ${JSON.stringify(text)}.`,
    );
  }
  return `${parsed.origin}${parsed.pathname}`.replace(/\/(graphql\/?)?$/, '');
}

/** There is no flag for the token itself: all users of a machine can read command lines. */
function readToken({ tokenFile }: CommonFlags, environment: NodeJS.ProcessEnv): string | null {
  if (tokenFile === undefined) return environment['TRAINYARD_TOKEN'] || null;
  try {
    const token = readFileSync(tokenFile, 'utf8').trim();
    if (token !== '') return token;
  } catch (error) {
    throw new UsageError(`--token-file ${tokenFile} cannot be read (${(error as NodeJS.ErrnoException).code ?? ''}).`, {
      cause: error,
    });
  }
  throw new UsageError(`--token-file ${tokenFile} is empty. It must contain the access token.`);
}
