import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Context } from '../resolvers/context.ts';
import type { Runner } from '../runner/index.ts';
import { schema } from '../schema/index.ts';
import { createAccessCheck } from './access/access.ts';
import { createAuthentication } from './access/authentication.ts';
import { createSessions } from './access/sessions.ts';
import { createJwtSource } from './access/jwt/jwt-source.ts';
import { fixedTokens, listedTokens } from './access/token-list.ts';
import { joinSources, type TokenSource } from './access/token-source.ts';
import { followTokensFile } from './access/tokens-file.ts';
import { createFileEndpoint } from './files/endpoint.ts';
import { createGraphQLEngines, GRAPHQL_PATH } from './graphql.ts';
import { createHttpServer, pathOf } from './http/http.ts';
import { createForwarded } from './http/forwarded.ts';
import { listen } from './listen.ts';
import { DEFAULT_LIMITS, type Limits } from './limits/limits.ts';
import type { Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import type { Readiness } from './probes.ts';
import { type Refusal, refuseUpgrade } from './http/refusal.ts';
import { createRefusalPace } from './rates/refusal-pace.ts';
import { checkHosts } from './http/request-form.ts';
import { createRequestRate } from './rates/request-rate.ts';
import { createRequestScopes } from './http/request-scope.ts';
import type { Tracing } from './tracing/open-telemetry.ts';
import { userKeyOf } from './rates/user-key.ts';
import { createWebSocketEndpoint } from './websocket/websocket.ts';
import type { Settings } from '../settings/settings.ts';

const CLOSING: Refusal = { status: 503, code: 'CLOSING', message: 'The server is shutting down. Try again later.' };

/** A listening server. Disposing it lets active requests finish and disconnects live feeds, whose clients then reconnect. */
export interface RunningServer extends AsyncDisposable {
  /** For example `http://127.0.0.1:4000`, or `unix:/run/lab/trainyard.sock`. */
  readonly url: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /**
   * Reads the tokens file and the keys of the identity provider again, if there are any. The server also reads the file automatically
   * within a second of a change, and the keys when it needs new ones.
   */
  reloadTokens(): void;
}

export interface ServerOptions {
  readonly settings: Pick<Settings, 'host' | 'port' | 'tokens' | 'allowedHosts' | 'allowedOrigins'> &
    Partial<Pick<Settings, 'tokensFile' | 'jwt' | 'socket' | 'tls' | 'trustedProxies'>>;
  /** Owned by the caller: it is not disposed with the server, and its jobs keep running. */
  readonly runner: Runner;
  readonly logger: Logger;
  /** Served at `/metrics`. Default: new metrics, without counts of the runner's events. */
  readonly metrics?: Metrics | undefined;
  /** Owned by the caller. Default: no tracing. */
  readonly tracing?: Tracing | null | undefined;
  /** Default: {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<Limits> | undefined;
}

/**
 * Serves a runner over HTTP, server-sent events and WebSocket. It listens before the runner is ready, so that `/health` and
 * `/ready` can report it.
 * @throws Error with `code` EADDRINUSE, EACCES or EADDRNOTAVAIL if it cannot listen
 */
export async function startServer({
  settings,
  runner,
  logger,
  metrics = createMetrics(),
  tracing = null,
  limits: given,
}: ServerOptions): Promise<RunningServer> {
  const limits = { ...DEFAULT_LIMITS, ...given };
  const checkAccess = createAccessCheck(settings);
  const forwarded = createForwarded(settings.trustedProxies);
  const scopes = createRequestScopes(logger);
  const tokens = openTokens(settings, logger);
  const authenticate = createAuthentication(tokens, scopes, forwarded.addressOf);
  const sessions = createSessions(tokens, scopes, forwarded.addressOf);
  const contextOf = (request: IncomingMessage): Context => ({
    runner,
    caller: sessions.callerOf(request),
    reportAuditFailure: (error) =>
      scopes.logger.error({ err: error }, 'an action could not be recorded in the audit log'),
  });
  const requestRate = createRequestRate(limits.requestsPerMinute, forwarded.addressOf);
  const pace = createRefusalPace({ burst: limits.refusalBurst, perSecond: limits.refusalsPerSecond }, (request) =>
    userKeyOf(sessions.originOf(request)),
  );
  const engines = createGraphQLEngines({ schema, contextOf, limits, pace, scopes, metrics, tracing });
  const sockets = createWebSocketEndpoint({
    engine: engines.engine,
    authenticate,
    sessions,
    requestRate,
    pace,
    limits,
    logger,
    scopes,
  });

  let readiness: Readiness = 'starting';
  runner.ready.then(
    () => {
      if (readiness === 'starting') readiness = 'ready';
    },
    () => {
      readiness = 'failed';
    },
  );

  const http = createHttpServer({
    settings,
    forwarded,
    engines,
    files: createFileEndpoint({
      runner,
      limits,
      contextOf,
    }),
    checkAccess,
    authenticate,
    sessions,
    requestRate,
    readiness: () => readiness,
    limits,
    logger,
    scopes,
    metrics,
  });
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => logger.debug({ err: error }, 'Connection failed'));
    const denied =
      checkHosts(request) ??
      checkAccess(forwarded.headersOf(request)) ??
      (pathOf(request) === GRAPHQL_PATH
        ? null
        : { status: 404, code: 'NOT_FOUND', message: `WebSockets are served at ${GRAPHQL_PATH}.` });
    if (denied) refuseUpgrade(socket, denied);
    else if (readiness === 'closing') refuseUpgrade(socket, CLOSING);
    else sockets.accept(request, socket, head);
  });
  const activeResponses = trackResponses(http);
  http.on('request', ({ socket }, response) => {
    // Even if the response promised to keep the connection alive.
    response.on('close', () => readiness === 'closing' && socket.destroySoon());
  });
  metrics.addSources({
    runner,
    webSockets: () => sockets.size,
    eventStreams: () => [...activeResponses].filter(isLiveFeed).length,
  });

  const { url, port } = await listen(http, settings);

  let closing: Promise<void> | undefined;
  const close = async () => {
    readiness = 'closing';
    const closed = once(http, 'close');
    http.close();
    for (const response of activeResponses) {
      // A live feed has no end to wait for. Destroyed rather than completed, so that its client reconnects.
      if (isLiveFeed(response)) response.destroy();
      else if (!response.headersSent) response.shouldKeepAlive = false;
    }
    const timeout = setTimeout(() => http.closeAllConnections(), limits.closing);
    await Promise.all([closed, sockets[Symbol.asyncDispose]()]);
    clearTimeout(timeout);
    sessions[Symbol.dispose]();
    tokens?.[Symbol.dispose]();
  };
  return {
    url,
    port,
    reloadTokens: () => tokens?.reload(),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

/** Null for a server that accepts every client. */
function openTokens({ tokens, tokensFile, jwt }: ServerOptions['settings'], logger: Logger): TokenSource | null {
  const sources: TokenSource[] = [];
  if (tokens !== null) {
    sources.push(listedTokens(tokensFile == null ? fixedTokens(tokens) : followTokensFile(tokensFile, tokens, logger)));
  }
  if (jwt) sources.push(createJwtSource(jwt, logger));
  return sources.length === 0 ? null : joinSources(sources);
}

function trackResponses(http: Server): ReadonlySet<ServerResponse> {
  const activeResponses = new Set<ServerResponse>();
  http.on('request', (_request, response) => {
    activeResponses.add(response);
    response.on('close', () => activeResponses.delete(response));
  });
  return activeResponses;
}

/** Whether a response is a stream of server-sent events, or the multipart response that some clients request instead. */
function isLiveFeed(response: ServerResponse): boolean {
  return /^(text\/event-stream|multipart\/mixed)/.test(String(response.getHeader('content-type')));
}
