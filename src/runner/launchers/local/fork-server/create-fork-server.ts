import { setTimeout as delay } from 'node:timers/promises';
import type { Home } from '../../../home.ts';
import type { Logger } from '../../../logger.ts';
import type { Python } from '../../../python/interpreter.ts';
import { readBootId } from '../identity.ts';
import { signalProcess } from '../signal.ts';
import { digestCircumstances } from './circumstances.ts';
import { connect, type Connection, type ForkedSupervisor, isUsable } from './connection.ts';
import { type ForkServerFolder, openFolder, readHolder } from './folder.ts';
import type { LaunchRequest } from './messages.ts';
import { spawnForkServer } from './spawn.ts';

const POLL_MS = 100;
/** Maximum time for the imports, ms: a cold disk is slow. */
const MAX_START_MS = 120_000;
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 60_000;

/** Forks the supervisors of attempts from a process that has imported what trainers need. */
export interface ForkServer extends AsyncDisposable {
  /** @returns undefined if it cannot, for whatever reason; the attempt is then started in the usual way, even if it was forked after all */
  launch(request: LaunchRequest): Promise<ForkedSupervisor | undefined>;
  /** Whether launches are forked at the moment. */
  readonly isReady: boolean;
}

export interface ForkServerSettings {
  readonly home: Home;
  readonly python: Python;
  readonly logger: Logger;
}

/**
 * Keeps a fork server running, with a growing wait between failures, and takes over that of an earlier server. The fork server outlives
 * this one. Linux only: elsewhere it never becomes ready.
 */
export function createForkServer({ home, python, logger }: ForkServerSettings): ForkServer {
  const closing = new AbortController();
  /** Retired ones stay connected, to report how their supervisors end. */
  const connections = new Set<Connection>();
  let current: Connection | undefined;

  const isClosing = () => closing.signal.aborted;

  async function run(): Promise<void> {
    const folder = openFolder(home);
    const circumstances = digestCircumstances(python);
    let wait = FIRST_WAIT_MS;
    while (!isClosing()) {
      const startedAt = performance.now();
      const connection = await establish(folder, circumstances);
      if (connection) {
        logger.debug({ pid: connection.process.pid }, 'the fork server is ready');
        connections.add(connection);
        void connection.closed.then(() => connections.delete(connection));
        if (isClosing()) connection.close();
        else current = connection;
        await connection.retired;
        current = undefined;
      }
      wait = performance.now() - startedAt > MAX_WAIT_MS ? FIRST_WAIT_MS : Math.min(wait * 2, MAX_WAIT_MS);
      await delay(wait, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
    }
  }

  /** A fork server that is ready: the one of an earlier server if it is like one of this server, or a new one. */
  async function establish(folder: ForkServerFolder, circumstances: string): Promise<Connection | undefined> {
    const found = await connect(folder.socket);
    if (found === 'SILENT') await killSilent();
    else if (found !== 'ABSENT') {
      if (isUsable(found, circumstances)) return found;
      found.retire();
      await found.retired;
      found.close();
    }
    const spawned = await spawnForkServer(python, home, circumstances, folder.log);
    let exit: { readonly code: number | null } | undefined;
    void spawned.ended.then((code) => (exit = { code }));
    const deadline = performance.now() + MAX_START_MS;
    while (!isClosing() && performance.now() < deadline) {
      const connection = await connect(folder.socket);
      if (typeof connection !== 'string') {
        if (isUsable(connection, circumstances)) return connection;
        connection.close();
        return undefined;
      }
      if (exit !== undefined) {
        logger.warn({ exitCode: exit.code, log: folder.log }, 'the fork server ended; jobs start without it');
        return undefined;
      }
      await delay(POLL_MS, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
    }
    return undefined;
  }

  /** A fork server that does not answer holds the lock, and no job depends on it. */
  async function killSilent(): Promise<void> {
    const holder = await readHolder(home);
    if (holder && (await signalProcess(holder, 'SIGKILL', readBootId()))) {
      logger.warn({ pid: holder.pid }, 'the fork server did not answer and was killed');
    }
  }

  const running = (process.platform === 'linux' ? run() : Promise.resolve()).catch((error: unknown) => {
    logger.warn({ err: error }, 'there is no fork server; jobs start without it');
  });

  return {
    async launch(request) {
      const connection = current;
      if (!connection) return undefined;
      const answer = await connection.launch(request);
      if (typeof answer !== 'string') return answer;
      logger.debug({ jobId: request.job_id, reason: answer }, 'a job starts without the fork server');
      return undefined;
    },
    get isReady() {
      return current !== undefined;
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      for (const connection of connections) connection.close();
      await running;
    },
  };
}
