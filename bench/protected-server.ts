import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from 'graphql-ws';
import { startTestServer, type TestServer, type TestServerOptions } from '../test/support/server-process.ts';
import { bearer, tokenLine } from '../test/support/tokens.ts';

const SECRET = 'bench';

/** A real server that requires a token, with its limits and masking, and its client. Disposing ends both. */
export interface ProtectedServer extends TestServer {
  /** @throws if the answer has an error */
  query<Data>(text: string, variables?: object): Promise<Data>;
  /** A new connection; it is closed with the server. */
  connect(): Client;
}

/** Starts a server for a benchmark. */
export async function startProtectedServer(options: TestServerOptions = {}): Promise<ProtectedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-tokens-'));
  const tokens = join(folder, 'tokens');
  writeFileSync(tokens, tokenLine('bench', SECRET), { mode: 0o600 });
  const clients: Client[] = [];
  try {
    const environment = { TRAINYARD_TOKENS_FILE: tokens, ...options.environment };
    const server = await startTestServer({ ...options, environment });
    return {
      ...server,
      async query<Data>(query: string, variables: object = {}) {
        const response = await fetch(`${server.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...bearer(SECRET) },
          body: JSON.stringify({ query, variables }),
        });
        const { data, errors } = (await response.json()) as { data?: Data; errors?: unknown };
        if (data == null || errors !== undefined) throw new Error(`The answer has errors: ${JSON.stringify(errors)}`);
        return data;
      },
      connect() {
        const url = `${server.url.replace('http', 'ws')}/graphql`;
        const client = createClient({ url, connectionParams: bearer(SECRET), retryAttempts: 0 });
        clients.push(client);
        return client;
      },
      async [Symbol.asyncDispose]() {
        for (const client of clients) void client.dispose();
        await server[Symbol.asyncDispose]();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
