import { type ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import { shorten, visibleText } from '../../runner/index.ts';
import { explainNumber } from './input-error.ts';

/** Characters of a document, or of variables, above which only the first error is shown. */
const LONG = 10_000;

/**
 * Number of errors after which GraphQL's validation and variable coercion stop. Each error prints the whole value that it is about, so a
 * large one is printed only once more, in the error that reports further ones.
 * @param characters of the document or the variables
 */
export function maxCollected(characters: number): number {
  return characters > LONG ? 1 : 5;
}

/** Maximum number of errors in an answer. A page of jobs may have one per job, and the first ones show the problem. */
const MAX_ERRORS = 20;
/** Maximum length of a message in characters. GraphQL prints the whole invalid value. */
const MAX_MESSAGE = 1000;
/** Maximum number of document locations in an error; a conflict of fields lists all of them. */
const MAX_LOCATIONS = 10;

/**
 * Limits errors to a size that does not depend on the request: keeps the first ones, each with the start of its message and its
 * `extensions`. One more error gives the number of omitted ones.
 */
export function boundErrors(errors: readonly GraphQLError[]): readonly GraphQLError[] {
  const shown = errors.slice(0, MAX_ERRORS).map(boundError);
  const others = errors.length - shown.length;
  if (others === 0) return shown;
  const message = `${others} more errors were omitted. Send smaller operations to see them.`;
  return [...shown, new GraphQLError(message, { extensions: { code: 'TOO_MANY_ERRORS' } })];
}

/** Bounds the errors of responses over HTTP and server-sent events. The WebSocket endpoint bounds them when it formats them. */
export function useBoundedErrors(): Plugin {
  return {
    onResultProcess({ result, setResult }) {
      // Batched operations are rejected.
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
  const { nodes, source, positions, path, extensions, cause } = error;
  // It may quote the request or a file.
  const message = visibleText(path === undefined ? explainNumber(error.message) : error.message);
  if (message === error.message && message.length <= MAX_MESSAGE && (positions?.length ?? 0) <= MAX_LOCATIONS)
    return error;
  return new GraphQLError(shorten(message, MAX_MESSAGE), {
    nodes: nodes?.slice(0, MAX_LOCATIONS),
    source,
    positions: positions?.slice(0, MAX_LOCATIONS),
    path,
    extensions,
    cause,
  });
}
