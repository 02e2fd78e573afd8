import { ApiError } from './errors.ts';

/** A result of a mutation: its success, or one of the errors that the schema names. */
type Result = { readonly __typename: string };
type Refusal = { readonly message: string };

/**
 * The success of a mutation.
 * @throws ApiError with the server's sentence when it was refused
 */
export function accepted<R extends Result>(result: R): Exclude<R, Refusal> {
  if ('message' in result) throw new ApiError(String(result.message), result.__typename);
  return result as Exclude<R, Refusal>;
}
