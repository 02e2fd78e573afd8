import { type ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { shorten } from '../runner/index.ts';

/** Errors that GraphQL's validation, and its coercion of variables, find before they give up: each costs a print of a value. */
export const MAX_FOUND = 5;
/** Errors of an answer. A page of jobs may have one for each, and the first ones tell what is wrong. */
const MAX_ERRORS = 20;
/** Characters of a message. GraphQL prints the whole value that it complains about. */
const MAX_MESSAGE = 1000;
/** Places in the document that an error names; a conflict of fields names all of them. */
const MAX_LOCATIONS = 10;

/**
 * The same errors, cut to a size that does not depend on the request: the first ones, with the beginning of each message. They keep
 * their `extensions`. One more error says how many were left out.
 */
export function boundErrors(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  const shown = errors.slice(0, MAX_ERRORS).map(boundError);
  const others = errors.length - shown.length;
  if (others === 0) return shown;
  const message = `${others} more errors are left out. Ask for less in one operation to see them.`;
  return [...shown, new GraphQLError(message, { extensions: { code: 'TOO_MANY_ERRORS' } })];
}

/** Bounds the errors of all that leaves over HTTP and server-sent events. A WebSocket does it where it formats them. */
export function useBoundedErrors(): Plugin {
  return {
    onResultProcess({ result, setResult }) {
      // Lists of operations are refused.
      if (Array.isArray(result)) return;
      if (isAsyncIterable(result)) setResult(mapAsyncIterator(result, boundResult));
      else setResult(boundResult(result));
    },
  };
}

function boundResult<Result extends ExecutionResult>(result: Result): Result {
  return result.errors === undefined ? result : { ...result, errors: boundErrors(result.errors) };
}

function boundError(error: GraphQLError): GraphQLError {
  const { message, nodes, source, positions, path, extensions, cause } = error;
  if (message.length <= MAX_MESSAGE && (positions?.length ?? 0) <= MAX_LOCATIONS) return error;
  return new GraphQLError(shorten(message, MAX_MESSAGE), {
    nodes: nodes?.slice(0, MAX_LOCATIONS),
    source,
    positions: positions?.slice(0, MAX_LOCATIONS),
    path,
    extensions,
    cause,
  });
}
