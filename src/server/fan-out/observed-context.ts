import type { Context } from '../../resolvers/context.ts';

/** The parts of its context that an execution has read. */
export interface Observed {
  /** The runner: the answer is that of this moment. */
  runner: boolean;
  /** Anything that belongs to one client, such as its role: the answer is for this client only. */
  client: boolean;
}

/** Parts of a context that are the same for each client, or that do not appear in an answer. */
const NEUTRAL: ReadonlySet<string | symbol> = new Set<keyof Context>(['answer', 'traceResolver']);

/**
 * A context that notes what resolvers read from it. Every property that is not known to be the same for each client counts as a property of
 * this client, so that a new property is safe by default.
 */
export function observeContext(context: object): { readonly context: object; readonly observed: Observed } {
  const observed: Observed = { runner: false, client: false };
  const note = (property: string | symbol) => {
    if (property === 'runner') observed.runner = true;
    else if (!NEUTRAL.has(property)) observed.client = true;
  };
  return {
    observed,
    context: new Proxy(context, {
      get(target, property) {
        note(property);
        return Reflect.get(target, property) as unknown;
      },
      has(target, property) {
        note(property);
        return Reflect.has(target, property);
      },
      ownKeys(target) {
        observed.client = true;
        return Reflect.ownKeys(target);
      },
      getOwnPropertyDescriptor(target, property) {
        note(property);
        return Reflect.getOwnPropertyDescriptor(target, property);
      },
    }),
  };
}
