import { connect as connectSocket, type Socket } from 'node:net';
import { setImmediate as nextRound } from 'node:timers/promises';
import type { ProcessIdentity } from '../../../job/reports.ts';
import type { SupervisorExit } from '../supervisor.ts';
import { type LaunchRequest, type Message, parseMessage, VERSION } from './messages.ts';

/**
 * Time without any message after which a fork server that owes an answer counts as hung, ms. On a machine with many new trainings, an
 * answer takes more than a second, and there each start of Python takes longer still.
 */
const SILENCE_MS = 5_000;
/** Time for its first message, ms. It is killed after that. */
const HELLO_MS = 10_000;
const MAX_LINE = 1 << 16;

/** A supervisor that a fork server has forked. */
export interface ForkedSupervisor {
  readonly pid: number;
  /** Null if it had already ended. */
  readonly identity: ProcessIdentity | null;
  /** How it ended; undefined if the fork server ended before it could report this. */
  readonly ended: Promise<SupervisorExit | undefined>;
}

/** A connection to a fork server that is ready. */
export interface Connection {
  readonly circumstances: string;
  readonly version: number;
  readonly process: ProcessIdentity;
  /** Resolves when the fork server takes no more launches, or the connection has ended. */
  readonly retired: Promise<unknown>;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<unknown>;
  /** @returns why it did not launch, as text */
  launch(request: LaunchRequest): Promise<ForkedSupervisor | string>;
  /** Asks the fork server to take no more launches and to end when its processes have ended. */
  retire(): void;
  close(): void;
}

/**
 * Connects to the fork server that listens at a path.
 * @returns `ABSENT` if there is none; `SILENT` if it accepts the connection and says nothing
 */
export async function connect(path: string): Promise<Connection | 'ABSENT' | 'SILENT'> {
  const socket = connectSocket(path);
  const { promise: hello, resolve: greeted } = Promise.withResolvers<Message['hello'] | 'ABSENT' | 'SILENT'>();
  const { promise: retired, resolve: retire } = Promise.withResolvers<undefined>();
  const { promise: closed, resolve: close } = Promise.withResolvers<undefined>();
  const launches = new Map<string, (answer: Message | string) => void>();
  const ends = new Map<number, (exit: SupervisorExit | undefined) => void>();
  let heardAt = performance.now();
  let silence: NodeJS.Timeout | undefined;

  /** Ends the connection if no message arrives. */
  function expectAnswer(): void {
    silence ??= setTimeout(() => void checkSilence(), SILENCE_MS);
  }

  async function checkSilence(): Promise<void> {
    silence = undefined;
    // This process itself may have been busy: messages that have arrived are read first.
    await nextRound();
    await nextRound();
    if (launches.size === 0 || socket.destroyed) return;
    if (performance.now() - heardAt >= SILENCE_MS) socket.destroy();
    else expectAnswer();
  }

  function receive(message: Message): void {
    heardAt = performance.now();
    if (message.hello) greeted(message.hello);
    if (message.retired) retire(undefined);
    const answer = message.started ?? message.refused;
    if (answer) {
      const key = keyOf(answer);
      const settle = launches.get(key);
      launches.delete(key);
      // Created before the next message, which may already say that it has ended.
      settle?.(message);
    }
    if (message.ended) {
      const { pid, code, signal } = message.ended;
      ends.get(pid)?.({ code, signal: signal as NodeJS.Signals | null, error: null });
      ends.delete(pid);
    }
  }

  function end(): void {
    clearTimeout(silence);
    greeted('ABSENT');
    retire(undefined);
    close(undefined);
    for (const settle of launches.values()) settle('the fork server did not answer');
    for (const settle of ends.values()) settle(undefined);
    launches.clear();
    ends.clear();
  }

  let received = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (received + text).split('\n');
    received = lines.pop() ?? '';
    const messages = lines.map(parseMessage);
    if (received.length > MAX_LINE || messages.includes(undefined)) socket.destroy();
    else for (const message of messages) if (message) receive(message);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', end);

  const first = setTimeout(() => greeted(socket.connecting ? 'ABSENT' : 'SILENT'), HELLO_MS);
  const greeting = await hello;
  clearTimeout(first);
  if (greeting === undefined || typeof greeting === 'string') {
    socket.destroy();
    return greeting ?? 'ABSENT';
  }
  // The server may end at any time; the fork server does not keep it alive.
  socket.unref();

  return {
    ...greeting,
    retired,
    closed,
    async launch(request) {
      if (socket.destroyed) return 'the fork server has ended';
      const { promise: answered, resolve } = Promise.withResolvers<ForkedSupervisor | string>();
      launches.set(keyOf(request), (answer) => resolve(typeof answer === 'string' ? answer : understand(answer)));
      if (launches.size === 1) heardAt = performance.now();
      expectAnswer();
      send(socket, { launch: request });
      return answered;
    },
    retire: () => send(socket, { retire: true }),
    close: () => socket.destroy(),
  };

  function understand({ started, refused }: Message): ForkedSupervisor | string {
    if (!started) return refused?.reason ?? 'the fork server sent another answer';
    const { pid, process: identity } = started;
    const { promise: ended, resolve } = Promise.withResolvers<SupervisorExit | undefined>();
    ends.set(pid, resolve);
    return { pid, identity, ended };
  }
}

/** Whether a fork server was started by a server like this one, and understands it. */
export function isUsable({ version, circumstances }: Connection, own: string): boolean {
  return version === VERSION && circumstances === own;
}

const keyOf = ({ job_id, attempt }: Pick<LaunchRequest, 'job_id' | 'attempt'>) => `${job_id} ${attempt}`;

function send(socket: Socket, message: object): void {
  socket.write(`${JSON.stringify(message)}\n`);
}
