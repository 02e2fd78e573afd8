import type { GraphQLFieldResolver } from 'graphql';
import type { Runner } from '../runner/index.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';

/**
 * GraphQL context of an operation. Created once per operation. A subscription is one operation however long it runs, so no value
 * in here may become stale.
 */
export interface Context {
  readonly runner: Runner;
  readonly caller: Caller;
  /** Reports that an action could not be recorded in the audit log. */
  readonly reportAuditFailure?: ((error: unknown) => void) | undefined;
  /** Counts starts or resumes of the caller; absent if their rate has no limit. @throws RateLimitedError */
  readonly countStart?: ((jobs: number) => void) | undefined;
  /** The answer in execution: a new one for each event of a subscription. Absent if answers have no limit. */
  readonly answer?: Answer | undefined;
  /** Aborts when the client disconnects, because its answer is then not needed. Absent if the transport does not report it. */
  readonly signal?: AbortSignal | undefined;
  /** Wraps a resolver in a trace span. Absent if tracing is off. */
  readonly traceResolver?: ((resolver: TracedResolver, options: unknown) => TracedResolver) | undefined;
}

/** A resolver of any field, in the type that Pothos's tracing uses. */
export type TracedResolver = GraphQLFieldResolver<unknown, Context, Record<string, unknown>>;
