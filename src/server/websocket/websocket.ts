import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { shorten } from '../../runner/index.ts';
import { type Authenticate, isRefusal } from '../access/authentication.ts';
import { EVERY_CLIENT, type Grant } from '../access/grant.ts';
import type { Sessions } from '../access/sessions.ts';
import { boundErrors } from '../limits/bounded-errors.ts';
import { createErrorReport, formatError } from '../error-report.ts';
import { createWebSocketOutlet } from '../fan-out/websocket-outlet.ts';
import type { GraphQLEngine } from '../graphql.ts';
import { findJsonExcess, type JsonExcess } from '../limits/json-scan.ts';
import type { Limits } from '../limits/limits.ts';
import type { Logger } from '../logger.ts';
import { createReadingPause, limitMessageRate, type ReadingPause } from '../rates/message-rate.ts';
import { createOperationSignals, type OperationSignals } from './operation-signals.ts';
import { reasonOf, refuseMessage } from './oversized-message.ts';
import { isRefused, type RefusalPace, waitFor } from '../rates/refusal-pace.ts';
import type { RequestRate } from '../rates/request-rate.ts';
import { acceptId, requestIdOf, type RequestScopes } from '../http/request-scope.ts';
import { type StartedOperation, startOperation } from './websocket-operation.ts';

export interface WebSocketEndpoint extends AsyncDisposable {
  /** Turns an HTTP connection into a WebSocket. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Number of open WebSockets. */
  readonly size: number;
}

/** Data of a WebSocket in addition to its protocol. */
interface Extra {
  /** The HTTP request that it came from. */
  readonly request: IncomingMessage;
  readonly socket: WebSocket;
  readonly signals: OperationSignals;
  readonly reading: ReadingPause;
  /** The access of its client; set by the connection-init message. */
  grant: Grant;
  /** Whether the connection-init message was accepted. */
  acknowledged: boolean;
  /** Resolves when the newest operation may start. */
  turn: Promise<void>;
}

/** Ping interval, ms. */
const PING_INTERVAL = 12_000;
/** Time that a client gets to answer a close, ms. */
const CLOSE_TIMEOUT = 1_000;
/** Maximum length of an operation id, which every message repeats. */
const MAX_ID = 128;
/** Bytes of the reason in a close frame (RFC 6455, section 5.5). */
const MAX_REASON = 123;
/** Clients retry after this code, on another server or later. https://www.iana.org/assignments/websocket */
const SERVICE_RESTART = 1012;
/** Clients also retry after this code. */
const TRY_AGAIN_LATER = 1013;

/**
 * Operations over WebSocket (graphql-ws), with the same steps, limits and masking as over HTTP.
 *
 * The adapter `graphql-ws/use/ws` (read in 6.4.2) cannot replace this file:
 * - Its keep-alive accepts only a pong. The pong of a client that {@link limitMessageRate} pauses waits behind its messages, so the adapter
 *   would disconnect it.
 * - It gives no access to `send`, where a slow reader is disconnected, nor to the message handler, which runs in a request scope.
 * - It writes errors to the console. An error of a write to a closing socket counts as an internal error.
 * - It closes with 1001, and its `dispose` waits without limit for clients that do not close. Ours closes with 1012 and a deadline.
 */
export function createWebSocketEndpoint({
  engine,
  authenticate,
  sessions,
  requestRate,
  pace,
  limits,
  logger,
  scopes,
}: {
  engine: GraphQLEngine;
  authenticate: Authenticate;
  sessions: Sessions;
  requestRate: RequestRate;
  pace: RefusalPace;
  limits: Limits;
  logger: Logger;
  scopes: RequestScopes;
}): WebSocketEndpoint {
  const report = createErrorReport(scopes);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.bytes,
    handleProtocols,
    clientTracking: true,
  });

  const protocol = makeServer<{ authorization?: unknown; Authorization?: unknown }, Extra>({
    connectionInitWaitTimeout: limits.connectionInit,
    // `false` closes the socket with 4403.
    onConnect: async ({ connectionParams, extra }) => {
      const { request, socket } = extra;
      const result = await authenticate(connectionParams?.authorization ?? connectionParams?.Authorization, request);
      if (isRefusal(result)) {
        // Not the fault of the token: clients try again.
        if (result.status === 503) socket.close(TRY_AGAIN_LATER, 'Identity provider unavailable');
        return false;
      }
      extra.grant = result;
      extra.acknowledged = true;
      const close = sessions.open(request, result, () => forbid(socket));
      if (socket.readyState === socket.CLOSED) close();
      else socket.once('close', close);
      return true;
    },
    onSubscribe: async ({ subscriptions, extra }, id, payload) => {
      scopes.enterOperation(acceptId(id));
      if (id.length > MAX_ID) {
        return [
          new GraphQLError(`The id of an operation has at most ${MAX_ID} characters. Use a shorter one.`, {
            extensions: { code: 'BAD_REQUEST' },
          }),
        ];
      }
      if (Object.keys(subscriptions).length > limits.operationsPerSocket) {
        return [
          new GraphQLError(
            `At most ${limits.operationsPerSocket} operations may be active on one WebSocket. Complete some, or open another WebSocket.`,
            { extensions: { code: 'TOO_MANY_OPERATIONS' } },
          ),
        ];
      }
      const limited = requestRate.count(extra.request, extra.grant);
      if (limited) return [report(limited)];
      const started = await extra.signals.run(id, async (signal) => {
        // Each answer is sent before the next operation starts, so the amount of buffered data is known by then.
        extra.turn = extra.turn.then(() => new Promise((resolve) => setImmediate(resolve)));
        await extra.turn;
        if (signal.aborted) return null;
        const { request, socket } = extra;
        const outlet = createWebSocketOutlet(socket, request.socket, id, limits.unreadBytes);
        const result = await startOperation(engine, request, payload, report, outlet, signal);
        if ('result' in result || !isRefused(result)) return result;
        return (await slowDown(extra, signal)) ? result : null;
      });
      // An operation that the client completed gets no answer: its id may already belong to another one. The pending promise is
      // unreachable and is collected.
      return started ?? new Promise<never>(() => {});
    },
    execute: (args) => (args as StartedOperation).result,
    subscribe: (args) => (args as StartedOperation).result,
    onNext: (_context, _id, _payload, _args, { data, errors }) => {
      if (errors !== undefined) return { data: data ?? null, errors: boundErrors(errors).map(formatError) };
    },
    onError: (_context, _id, _payload, errors) => boundErrors(errors).map(formatError),
  });

  /**
   * Counts a refusal, and reads nothing more from its client until it may be answered.
   * @returns whether the client still waits for the answer
   */
  async function slowDown(extra: Extra, signal: AbortSignal): Promise<boolean> {
    const wait = pace.count(extra.request);
    if (wait === 0) return !signal.aborted;
    extra.reading.pauseFor(wait);
    const waited = waitFor(wait, signal);
    // Later operations have perhaps been read already, or are read just before the answer.
    extra.turn = Promise.all([extra.turn, waited]).then(() => {});
    return waited;
  }

  /** Answers a message that is not parsed. */
  async function refuse(extra: Extra, text: string, excess: JsonExcess): Promise<void> {
    const { socket, signals } = extra;
    const answer = extra.acknowledged ? refuseMessage(text, excess, limits) : null;
    if (extra.acknowledged) await signals.run(text.slice(0, 200), (signal) => slowDown(extra, signal));
    if (answer === null) socket.close(CloseCode.BadRequest, reasonOf(excess, limits));
    else if (socket.readyState === socket.OPEN) socket.send(answer);
  }

  function serve(socket: WebSocket, request: IncomingMessage): void {
    const requestId = requestIdOf(request);
    const opened = performance.now();
    socket.on('error', (error) => logger.debug({ err: error, requestId }, 'WebSocket failed'));
    const stopPinging = keepAlive(socket);
    const signals = createOperationSignals();
    const reading = createReadingPause(socket);
    limitMessageRate(socket, { burst: limits.messageBurst, perSecond: limits.messagesPerSecond }, reading);
    const extra: Extra = {
      request,
      socket,
      signals,
      reading,
      grant: EVERY_CLIENT,
      acknowledged: false,
      turn: Promise.resolve(),
    };
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        // Waits until the message is written, which slows a feed down for a slow reader.
        send: (data) =>
          new Promise((resolve, reject) => {
            if (socket.readyState === socket.OPEN) {
              socket.send(data, (error) => (error && socket.readyState === socket.OPEN ? reject(error) : resolve()));
              // Immediately: many operations may be answered before the next check of the connections.
              if (socket.bufferedAmount > limits.unreadBytes) socket.terminate();
            } else resolve();
          }),
        close: (code, reason) => socket.close(code, boundReason(reason)),
        onMessage: (handle) =>
          socket.on('message', (data) => {
            // Each message starts its own scope: an operation stays, to its last event, in that of its `subscribe`.
            const text = (data as Buffer).toString();
            const excess = findJsonExcess(text, limits);
            signals.onMessage(text);
            const handled = scopes.run(requestId, () => (excess ? refuse(extra, text, excess) : handle(text)));
            handled.catch((error: unknown) => {
              if (isWrongDirection(error)) {
                socket.close(CloseCode.BadRequest, 'Invalid message received');
                return;
              }
              logger.error({ err: error, requestId }, 'unexpected error on a WebSocket');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          }),
      },
      extra,
    );
    socket.once('close', (code, reason) => {
      logger.debug({ requestId, code, milliseconds: Math.round(performance.now() - opened) }, 'WebSocket');
      stopPinging();
      signals.onClose();
      closed(code, String(reason)).catch((error: unknown) =>
        logger.error({ err: error, requestId }, 'a WebSocket could not be closed cleanly'),
      );
    });
  }

  return {
    get size() {
      return sockets.clients.size;
    },
    accept(request, socket, head) {
      sockets.handleUpgrade(request, socket, head, (upgraded) => {
        if (sockets.clients.size > limits.sockets) upgraded.close(TRY_AGAIN_LATER, 'Too many connections');
        else serve(upgraded, request);
      });
    },
    async [Symbol.asyncDispose]() {
      const closed = [...sockets.clients].map(
        (client) => new Promise<void>((resolve) => client.once('close', () => resolve())),
      );
      for (const client of sockets.clients) client.close(SERVICE_RESTART, 'The server is shutting down');
      const patience = new AbortController();
      await Promise.race([
        Promise.all(closed),
        sleep(CLOSE_TIMEOUT, undefined, { signal: patience.signal }).catch(() => {}),
      ]);
      patience.abort();
      for (const client of sockets.clients) client.terminate();
      await Promise.all(closed);
      sockets.close();
    },
  };
}

/** graphql-ws throws this for a message that only a server sends, such as `next`. */
function isWrongDirection(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unexpected message of type');
}

/** A reason may contain the id of an operation, and has at most 123 bytes in the protocol: `ws` throws for a longer one. */
function boundReason(reason = ''): string {
  return Buffer.byteLength(reason) <= MAX_REASON ? reason : shorten(reason, MAX_REASON / 3);
}

/** Closes a socket whose token is no longer valid. A client that does not answer is disconnected after {@link CLOSE_TIMEOUT}. */
function forbid(socket: WebSocket): void {
  socket.close(CloseCode.Forbidden, 'Forbidden');
  const patience = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT);
  socket.once('close', () => clearTimeout(patience));
}

/** Pings a client, and closes the connection if the client does not answer. Returns a function that stops it. */
function keepAlive(socket: WebSocket): () => void {
  let alive = true;
  const answered = () => {
    alive = true;
  };
  socket.on('pong', answered);
  // The answer to a ping may be behind many messages of a client that sends faster than it may.
  socket.on('message', answered);
  const timer = setInterval(() => {
    if (alive) socket.ping();
    else socket.terminate();
    alive = false;
  }, PING_INTERVAL);
  return () => clearInterval(timer);
}
