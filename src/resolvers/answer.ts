import { ExpectedError } from '../runner/index.ts';

/** One answer while it is executed: that of a query or mutation, or one event of a subscription. */
export interface Answer {
  /** Bytes of JSON so far. */
  readonly bytes: number;
  /**
   * Counts bytes of JSON that are about to become a part of the answer.
   * @param where the response path, for the error
   * @throws AnswerTooLargeError, ServerBusyError; the same error again at every later call
   */
  charge(bytes: number, where: ResponsePath): void;
  /** Why the answer is given up, and where; null while it is not. */
  readonly failure: AnswerFailure | null;
  /**
   * Reads something costly: one at a time, and once for all fields of this answer that ask for it with the same key. Of an answer
   * that was given up nothing more is read.
   */
  share<Value>(key: string, read: () => Promise<Value>): Promise<Value>;
  /** Says that the answer is complete, or given up. */
  end(): void;
}

export interface AnswerFailure {
  readonly error: ExpectedError;
  readonly where: ResponsePath;
}

/** A path in an answer, from its end. GraphQL's `Path` is one. */
export interface ResponsePath {
  readonly key: string | number;
  readonly prev: ResponsePath | undefined;
}

/** One answer would be larger than the server sends. */
export class AnswerTooLargeError extends ExpectedError {
  readonly code = 'ANSWER_TOO_LARGE';
}

/** All answers that are being put together would be larger than the server's memory should hold. */
class ServerBusyError extends ExpectedError {
  readonly code = 'SERVER_BUSY';
}

export interface AnswerBounds {
  /** Bytes of one answer. */
  readonly answerBytes: number;
  /** Bytes of all answers that are executed at the same time. */
  readonly executingBytes: number;
}

/** Begins answers, whose bytes count together until they end. */
export function createAnswers({ answerBytes, executingBytes }: AnswerBounds): () => Answer {
  let executing = 0;

  return () => {
    const shared = new Map<string, Promise<unknown>>();
    let lastRead: Promise<unknown> = Promise.resolve();
    let bytes = 0;
    let failure: AnswerFailure | null = null;
    let isOver = false;

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
        // A field that goes on after an error beside it has ended the answer: nobody waits for its value.
        if (isOver) return;
        if (bytes + more > answerBytes) {
          fail(
            new AnswerTooLargeError(
              `The answer is larger than ${answerBytes} bytes. Ask for fewer fields or aliases, or for a smaller page (first, last).`,
            ),
            where,
          );
        }
        if (executing + more > executingBytes) {
          fail(
            new ServerBusyError(
              'The server is preparing too many large answers. Try again in a few seconds, or ask for a smaller page (first, last).',
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
        isOver = true;
        executing -= bytes;
        bytes = 0;
      },
    };
  };
}
