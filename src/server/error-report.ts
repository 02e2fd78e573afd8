import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { ExpectedError, isDiskFull } from '../runner/index.ts';
import type { Logger } from './logger.ts';
import type { RequestScope } from './request-scope.ts';

const INTERNAL_MESSAGE = 'Something unexpected went wrong. The log of the server says more.';
const DISK_FULL_MESSAGE =
  'The disk of the server is full, so that nothing can be recorded. Free some space, and try again.';

/** Where unexpected errors are told. */
export interface ErrorLog {
  readonly logger: Pick<Logger, 'error'>;
  readonly current?: RequestScope | undefined;
}

/**
 * Makes every error that leaves the server one with a message that anybody may see and an `extensions.code`.
 *
 * - An expected error of a resolver keeps its message, and gets its own code.
 * - GraphQL's own complaints (syntax, validation, variables) stay as they are.
 * - A full disk is logged, and said: only somebody who knows can free it.
 * - Everything else is a bug: it is logged, and masked. The ids of the request in it lead from what a user sees to the log.
 *
 * @param log where it is logged, and on whose behalf; `RequestScopes` knows both
 */
export function createErrorReport(log: ErrorLog): (error: unknown) => GraphQLError {
  return (error) => {
    const origin = originOf(error);
    if (origin instanceof ExpectedError) return locate(origin.message, { code: origin.code }, error);
    if (origin instanceof GraphQLError && error instanceof GraphQLError) {
      if (origin.extensions['code'] !== undefined) return error;
      // Without a path no field was run, so the request as a whole is wrong: HTTP clients get a 400 where the
      // GraphQL-over-HTTP specification wants one.
      const http = error.path === undefined ? { http: { spec: true, status: 400 } } : {};
      return locate(error.message, { ...error.extensions, code: 'BAD_USER_INPUT', ...http }, error);
    }
    log.logger.error({ err: origin, path: error instanceof GraphQLError ? error.path : undefined }, 'unexpected error');
    if (isDiskFull(origin))
      return locate(DISK_FULL_MESSAGE, { code: 'DISK_FULL', ...log.current, unexpected: true }, error);
    return locate(INTERNAL_MESSAGE, { code: 'INTERNAL_SERVER_ERROR', ...log.current, unexpected: true }, error);
  };
}

/** Whether an error is neither one that a resolver is expected to throw nor GraphQL's own. */
export function isUnexpected(error: unknown): boolean {
  const origin = originOf(error);
  return !(origin instanceof ExpectedError || origin instanceof GraphQLError);
}

/** The same error with a code, when it has none. */
export function withCode(error: GraphQLError, code: string): GraphQLError {
  return error.extensions['code'] === undefined ? locate(error.message, { ...error.extensions, code }, error) : error;
}

/** An error as clients get it over WebSocket: without what only Yoga's HTTP side needs, and removes there by itself. */
export function formatError(error: GraphQLError): GraphQLFormattedError {
  const shown = Object.entries(error.extensions).filter(([name]) => name !== 'http' && name !== 'unexpected');
  return { ...error.toJSON(), extensions: Object.fromEntries(shown) };
}

/** What was thrown in the first place, beneath the errors that GraphQL wraps around it. */
function originOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.cause != null ? originOf(error.cause) : error;
}

function locate(message: string, extensions: Record<string, unknown>, error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes, source, positions, path } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
