import type { GraphQLFieldResolver } from 'graphql';
import type { Runner } from '../runner/index.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';

/**
 * What every operation works with. Made once an operation, and a subscription is one operation however long it lives: nothing
 * in here may go stale.
 */
export interface Context {
  readonly runner: Runner;
  readonly caller: Caller;
  /** The answer that is being executed, made anew for each event of a subscription; left out where answers have no bound. */
  readonly answer?: Answer | undefined;
  /** Aborts when the client has gone: work for its answer is then in vain. Left out where that is not known. */
  readonly signal?: AbortSignal | undefined;
  /** Makes a resolver one that is seen in a trace; left out when nobody traces. */
  readonly traceResolver?: ((resolver: TracedResolver, options: unknown) => TracedResolver) | undefined;
}

/** A resolver of any field, as the tracing of Pothos sees it. */
export type TracedResolver = GraphQLFieldResolver<unknown, Context, Record<string, unknown>>;
