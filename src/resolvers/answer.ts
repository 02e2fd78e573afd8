import { ExpectedError } from '../runner/index.ts';

/** One answer during its execution: the answer of a query or mutation, or one event of a subscription. */
export interface Answer {
  /** Size so far in bytes of JSON. */
  readonly bytes: number;
  /**
   * Counts bytes of JSON before they become part of the answer.
   * @param where the response path, for the error
   * @throws AnswerTooLargeError, ServerBusyError; every later call throws the same error
   */
  charge(bytes: number, where: ResponsePath): void;
  /** Why and where the answer was aborted; null if it was not. */
  readonly failure: AnswerFailure | null;
  /**
   * Runs an expensive read. Reads run one at a time, and fields of this answer that use the same key share one read. After the
   * answer was aborted, nothing more is read.
   */
  share<Value>(key: string, read: () => Promise<Value>): Promise<Value>;
  /** Marks the answer as complete or aborted, and releases its bytes. */
  end(): void;
}

export interface AnswerFailure {
  readonly error: ExpectedError;
  readonly where: ResponsePath;
}

/** A path in an answer, from its last segment to its first, like GraphQL's `Path`. */
export interface ResponsePath {
  readonly key: string | number;
  readonly prev: ResponsePath | undefined;
}

/** The answer exceeds the maximum size. */
export class AnswerTooLargeError extends ExpectedError {
  readonly code = 'ANSWER_TOO_LARGE';
}

/** The answers in execution together exceed the memory reserved for them. */
class ServerBusyError extends ExpectedError {
  readonly code = 'SERVER_BUSY';
}

export interface AnswerBounds {
  /** Maximum size of one answer in bytes. */
  readonly answerBytes: number;
  /** Maximum size in bytes of all answers that are executed at the same time. */
  readonly executingBytes: number;
}

/** Creates answers that share one limit on their total bytes until they end. */
export function createAnswers({ answerBytes, executingBytes }: AnswerBounds): () => Answer {
  let executing = 0;

  return () => {
    const shared = new Map<string, Promise<unknown>>();
    let lastRead: Promise<unknown> = Promise.resolve();
    let bytes = 0;
    let failure: AnswerFailure | null = null;
    let hasEnded = false;

    function fail(error: ExpectedError, where: ResponsePath): never {
      failure = { error, where };
      throw error;
    }

    return {
      get bytes() {
        return bytes;
      },
      get failure() {
        return failure;
      },
      charge(more, where) {
        if (failure) throw failure.error;
        // A sibling's error can end the answer while this field still runs; its value is not used.
        if (hasEnded) return;
        if (bytes + more > answerBytes) {
          fail(
            new AnswerTooLargeError(
              `The answer exceeds ${answerBytes} bytes. Request fewer fields or aliases, or a smaller page (first, last).`,
            ),
            where,
          );
        }
        if (executing + more > executingBytes) {
          fail(
            new ServerBusyError(
              'The server is preparing too many large answers. Try again in a few seconds, or request a smaller page (first, last).',
            ),
            where,
          );
        }
        bytes += more;
        executing += more;
      },
      share<Value>(key: string, read: () => Promise<Value>): Promise<Value> {
        const known = shared.get(key) as Promise<Value> | undefined;
        if (known) return known;
        const reading = lastRead.then(() => {
          if (failure) throw failure.error;
          return read();
        });
        lastRead = reading.catch(() => undefined);
        shared.set(key, reading);
        return reading;
      },
      end() {
        hasEnded = true;
        executing -= bytes;
        bytes = 0;
      },
    };
  };
}
