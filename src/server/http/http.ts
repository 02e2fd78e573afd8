import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server as TlsServer } from 'node:tls';
import type { Settings } from '../../settings/settings.ts';
import type { AccessCheck } from '../access/access.ts';
import { type Authenticate, isRefusal } from '../access/authentication.ts';
import type { Grant } from '../access/grant.ts';
import type { Sessions } from '../access/sessions.ts';
import { followCertificate, readCertificate } from './certificate.ts';
import { applyCors } from './cors.ts';
import type { FileEndpoint } from '../files/endpoint.ts';
import type { Forwarded } from './forwarded.ts';
import { createGraphiQL, wantsPage } from '../graphiql/graphiql.ts';
import { GRAPHQL_PATH, type GraphQLEngines } from '../graphql.ts';
import type { Limits } from '../limits/limits.ts';
import type { Logger } from '../logger.ts';
import { METRICS_PATH, sendMetrics } from '../metrics/endpoint.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { createMonitor } from '../monitor.ts';
import { answerProbe, type Readiness } from '../probes.ts';
import { type Refusal, sendRefusal, tooManyRequests } from './refusal.ts';
import type { RequestRate } from '../rates/request-rate.ts';
import { createPipelining } from './pipelining.ts';
import { checkContentCoding, checkHosts } from './request-form.ts';
import { requestIdOf, type RequestScopes } from './request-scope.ts';
import { type RequestTimeout, startRequestTimeout } from './request-timeout.ts';
import { cutUnreadConnections } from './unread-data.ts';

const JSON_ONLY: Refusal = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message: 'A POST must have the header "Content-Type: application/json".',
  headers: { 'accept-post': 'application/json' },
};

const NOT_FOUND: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: `Not found. The monitor page is at /; the API and GraphiQL are at ${GRAPHQL_PATH}.`,
};

/** Headers of every response; GraphiQL and the monitor page replace the policy with their own. */
const SECURITY_HEADERS = Object.entries({
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
});

/** Creates the HTTP server. It does not listen yet, and does not handle WebSockets. */
export function createHttpServer({
  settings,
  forwarded,
  engines: { engine, plainQueries },
  files,
  checkAccess,
  authenticate,
  sessions,
  requestRate,
  readiness,
  limits,
  logger,
  scopes,
  metrics,
}: {
  settings: Pick<Settings, 'allowedOrigins'> & Partial<Pick<Settings, 'tls'>>;
  forwarded: Forwarded;
  engines: GraphQLEngines;
  files: FileEndpoint;
  checkAccess: AccessCheck;
  authenticate: Authenticate;
  sessions: Sessions;
  requestRate: RequestRate;
  readiness: () => Readiness;
  limits: Limits;
  logger: Logger;
  scopes: RequestScopes;
  metrics: Metrics;
}): Server {
  const sendGraphiQL = createGraphiQL();
  const answerMonitor = createMonitor();
  const pipelining = createPipelining(limits.pipelined);

  async function answerInOrder(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await pipelining.waitForPrevious(request.socket, response)) {
      // The timeout ends when the request has arrived: an event stream may then last indefinitely.
      await answer(request, response, startRequestTimeout(request, response, limits.requestTimeout));
    } else if (response.socket === null) {
      // Node does not emit this event for a response that was never assigned to the socket.
      response.emit('close');
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse, timeout: RequestTimeout): Promise<void> {
    // The order matters: access is checked before the path.
    const denied = checkHosts(request) ?? checkAccess(forwarded.headersOf(request));
    if (denied) {
      sendRefusal(response, denied);
      return;
    }
    if (applyCors(settings.allowedOrigins, request, response)) return;
    const path = pathOf(request);
    if (answerProbe(path, readiness, request, response)) return;
    if (path === METRICS_PATH) {
      if (await admit(request, response)) await sendMetrics(metrics, request, response);
    } else if (files.serves(path)) {
      if (await admit(request, response)) await files.answer(path, request, response, timeout);
    } else if (path !== GRAPHQL_PATH) {
      // The page contains no secrets, as with GraphiQL below.
      if (isTooMuch(request, response, null)) return;
      if (!(await answerMonitor(path, request, response))) sendRefusal(response, NOT_FOUND);
    } else if (wantsPage(request)) {
      if (isTooMuch(request, response, null)) return;
      // The page contains no secrets; its requests need a token.
      await sendGraphiQL(request, response);
    } else if (!(await admit(request, response))) {
      return;
    } else if (request.method === 'POST' && !isJson(request)) {
      sendRefusal(response, JSON_ONLY);
    } else {
      const coded = checkContentCoding(request);
      if (coded) {
        sendRefusal(response, coded);
        return;
      }
      if (request.headers.expect !== undefined) response.writeContinue();
      if (await plainQueries?.answer(request, response)) return;
      await engine(request, response);
    }
  }

  /** Counts a request, and refuses it if it exceeds the rate. Probes do not count: they must always be answered. */
  function isTooMuch(request: IncomingMessage, response: ServerResponse, grant: Grant | null): boolean {
    const limited = requestRate.count(request, grant);
    if (limited) sendRefusal(response, tooManyRequests(limited));
    return limited !== null;
  }

  /** Opens the session of a request, or answers it with a refusal. @returns whether the request may continue */
  async function admit(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const result = await authenticate(request.headers.authorization, request);
    if (isTooMuch(request, response, isRefusal(result) ? null : result)) return false;
    if (isRefusal(result)) {
      sendRefusal(response, result);
      return false;
    }
    const close = sessions.open(request, result, () => response.destroy());
    if (response.closed) close();
    else response.on('close', close);
    return true;
  }

  const options = {
    // startRequestTimeout replaces it.
    requestTimeout: 0,
    headersTimeout: Math.min(10_000, limits.requestTimeout),
    keepAliveTimeout: 5_000,
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const id = requestIdOf(request);
    const startedAt = performance.now();
    for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
    response.setHeader('x-request-id', id);
    response.once('close', () => {
      metrics.requestEnded(pathOf(request), response.headersSent ? response.statusCode : null);
      logger.debug(
        {
          requestId: id,
          method: request.method,
          path: pathOf(request),
          status: response.statusCode,
          milliseconds: Math.round(performance.now() - startedAt),
        },
        'request',
      );
    });
    scopes
      .run(id, () => answerInOrder(request, response))
      .catch((error: unknown) => {
        logger.error({ err: error, requestId: id }, 'Unexpected error while answering a request');
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end();
      });
  };
  const server = settings.tls
    ? (createTlsServer({ ...options, ...readCertificate(settings.tls) }, onRequest) as unknown as Server)
    : createServer(options, onRequest);
  if (settings.tls) followCertificate(server as unknown as TlsServer, settings.tls, logger);
  // A client that sends "Expect: 100-continue" gets "100 Continue" only when the body is needed.
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  server.maxConnections = limits.connections;
  cutUnreadConnections(server, { limits, logger });
  return server;
}

/** The path of a request without its query, which may contain secrets that must not be logged. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

function isJson({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}
