import type { DocumentNode, ExecutionResult, ValidatedSubscriptionArgs } from 'graphql';
import { observeContext } from './observed-context.ts';
import { type PreparedAnswer, utf8Characters } from './outlet.ts';

/** Executes one event of a subscription. */
export type ExecuteEvent = (args: ValidatedSubscriptionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** Subscribers whose events have the same answers. */
export interface Audience {
  /**
   * The answer to an event: the one that is ready for all of the audience, or a result for this subscriber only, in the usual form.
   * @param args of the subscriber
   */
  answer(event: unknown, args: ValidatedSubscriptionArgs, execute: ExecuteEvent): PreparedAnswer | OwnResult;
  /** Removes the subscriber. Can be called more than once. */
  leave(): void;
}

export interface OwnResult {
  readonly own: ExecutionResult | Promise<ExecutionResult>;
}

/** The audiences of a server. They exist while they have subscribers. */
export interface SharedAnswers {
  /**
   * Adds a subscriber to the audience of its document, operation and variables.
   * @param variables as the client sent them
   */
  join(document: DocumentNode, operationName: string | null | undefined, variables: unknown): Audience;
}

/** An audience with the number of its subscribers. */
interface Shared {
  subscribers: number;
  readonly answer: Audience['answer'];
}

/** The answer to the latest event; `prepared` is null if each subscriber must execute the event for itself. */
interface Latest {
  readonly event: unknown;
  readonly prepared: PreparedAnswer | null;
  /** The turn of the event loop in which the answer holds; null if it depends on nothing but the event. */
  readonly turn: number | null;
}

export function createSharedAnswers(): SharedAnswers {
  const audiences = new WeakMap<DocumentNode, Map<string, Shared>>();
  const turns = countTurns();

  function createAnswer(): Audience['answer'] {
    let latest: Latest | undefined;
    // Whether the answers of this document belong to one client each. This never changes: a document always reads the same properties.
    let isPersonal = false;

    return (event, args, execute) => {
      const own = () => ({ own: execute({ ...args, rootValue: event }) });
      if (isPersonal) return own();
      if (latest && isSame(latest.event, event) && (latest.turn === null || latest.turn === turns.current())) {
        return latest.prepared ?? own();
      }
      const { context, observed } = observeContext(Object(args.contextValue) as object);
      const result = execute({ ...args, rootValue: event, contextValue: context });
      if (result instanceof Promise || observed.client) {
        isPersonal = true;
        return { own: result };
      }
      const { data, errors, ...rest } = result;
      const isPlain = errors === undefined && Object.keys(rest).length === 0;
      const prepared = isPlain && data != null ? prepare(data) : null;
      latest = { event, prepared, turn: observed.runner ? turns.current() : null };
      return prepared ?? { own: result };
    };
  }

  return {
    join(document, operationName, variables) {
      const ofDocument = audiences.get(document) ?? new Map<string, Shared>();
      audiences.set(document, ofDocument);
      const key = JSON.stringify([operationName ?? null, variables ?? {}]);
      const audience = ofDocument.get(key) ?? { subscribers: 0, answer: createAnswer() };
      ofDocument.set(key, audience);
      audience.subscribers += 1;
      let isHere = true;
      return {
        answer: audience.answer,
        leave() {
          if (!isHere) return;
          isHere = false;
          audience.subscribers -= 1;
          if (audience.subscribers === 0) ofDocument.delete(key);
        },
      };
    },
  };
}

function prepare(data: NonNullable<ExecutionResult['data']>): PreparedAnswer {
  const text = JSON.stringify({ data });
  return { bytes: utf8Characters(text), result: { data, stringify: () => text } };
}

/** Whether two events are the same: flat objects, whose parts do not change. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.is((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]))
  );
}

/** Numbers the turns of the event loop in which it is called. */
function countTurns(): { current(): number } {
  let turn = 0;
  let isCounted = false;
  return {
    current() {
      if (!isCounted) {
        isCounted = true;
        setImmediate(() => {
          turn += 1;
          isCounted = false;
        });
      }
      return turn;
    },
  };
}
