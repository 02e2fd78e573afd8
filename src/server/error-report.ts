import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ExpectedError, isDiskFull, RateLimitedError } from '../runner/index.ts';
import type { Logger } from './logger.ts';
import type { RequestScope } from './http/request-scope.ts';

const INTERNAL_MESSAGE = 'Internal error; see the server log.';
const DISK_FULL_MESSAGE = 'The disk of the server is full, so nothing can be recorded. Free some space and try again.';

/** Log for unexpected errors. */
export interface ErrorLog {
  readonly logger: Pick<Logger, 'error'>;
  readonly current?: RequestScope | undefined;
}

/**
 * Converts every error that leaves the server to one with a public message and an `extensions.code`.
 *
 * - An expected error of a resolver keeps its message and gets its code.
 * - Errors of GraphQL itself (syntax, validation, variables) stay unchanged.
 * - A full disk is logged and reported, so that a user can free space.
 * - Everything else is a bug: it is logged and masked. The masked error contains the request id, which identifies the log line.
 *
 * @param log the logger and the current request, for example `RequestScopes`
 */
export function createErrorReport(log: ErrorLog): (error: unknown) => GraphQLError {
  return (error) => {
    const origin = originOf(error);
    if (origin instanceof ExpectedError)
      return locate(origin.message, { code: origin.code, ...retryHint(origin) }, error);
    if (origin instanceof GraphQLError && error instanceof GraphQLError) {
      if (origin.extensions['code'] !== undefined) return error;
      // Without a path no field was run, so the whole request is invalid: HTTP clients get a 400 where the GraphQL-over-HTTP
      // specification requires one.
      const http = error.path === undefined ? { http: { spec: true, status: 400 } } : {};
      return locate(error.message, { ...error.extensions, code: 'BAD_USER_INPUT', ...http }, error);
    }
    log.logger.error({ err: origin, path: error instanceof GraphQLError ? error.path : undefined }, 'unexpected error');
    if (isDiskFull(origin))
      return locate(DISK_FULL_MESSAGE, { code: 'DISK_FULL', ...log.current, unexpected: true }, error);
    return locate(INTERNAL_MESSAGE, { code: 'INTERNAL_SERVER_ERROR', ...log.current, unexpected: true }, error);
  };
}

function retryHint(error: ExpectedError): { readonly retryAfterSeconds?: number } {
  return error instanceof RateLimitedError ? { retryAfterSeconds: error.retryAfterSeconds } : {};
}

/** Whether an error is neither one that a resolver is expected to throw nor GraphQL's own. */
export function isUnexpected(error: unknown): boolean {
  const origin = originOf(error);
  return !(origin instanceof ExpectedError || origin instanceof GraphQLError);
}

/** Adds a code to an error that has none. */
export function withCode(error: GraphQLError, code: string): GraphQLError {
  return error.extensions['code'] === undefined ? locate(error.message, { ...error.extensions, code }, error) : error;
}

/** Formats an error for WebSocket clients: without the extensions that only Yoga's HTTP handler uses, which removes them itself. */
export function formatError(error: GraphQLError): GraphQLFormattedError {
  const shown = Object.entries(error.extensions).filter(([name]) => name !== 'http' && name !== 'unexpected');
  return { ...error.toJSON(), extensions: Object.fromEntries(shown) };
}

/** The original error inside the errors that GraphQL wraps around it. */
function originOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.cause != null ? originOf(error.cause) : error;
}

function locate(message: string, extensions: Record<string, unknown>, error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes, source, positions, path } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
