import { ApiError } from './errors.ts';

/** The result union of a mutation: its success type, or one of its error types. */
type Result = { readonly __typename: string };
type ErrorResult = { readonly message: string };

/**
 * Returns the success type of a mutation result.
 * @throws ApiError with the server's message when the result is an error type
 */
export function unwrapResult<R extends Result>(result: R): Exclude<R, ErrorResult> {
  if ('message' in result) throw new ApiError(String(result.message), result.__typename);
  return result as Exclude<R, ErrorResult>;
}
