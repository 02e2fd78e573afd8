import type { ExecutionResult } from 'graphql';

/** A result that is serialized already: Yoga calls `stringify` in place of `JSON.stringify`. */
export interface SerializedResult extends ExecutionResult {
  readonly stringify: () => string;
}

/** The data of one answer, ready to be sent to any number of subscribers. */
export interface PreparedAnswer {
  /** `{"data":...}` as UTF-8, with one character for each byte: Node writes such a text fastest, and no subscriber needs a buffer. */
  readonly bytes: string;
  /** The same for transports that take results. */
  readonly result: SerializedResult;
}

/** The connection of one subscriber, which takes prepared answers past all the layers between an execution and a connection. */
export interface Outlet {
  /**
   * Sends an answer.
   * @param taken called later when the connection has taken it, or has closed; not called if it has taken the answer at once
   * @returns whether it has taken the answer at once. A slow reader gets its next answer only then
   */
  send(answer: PreparedAnswer, taken: () => void): boolean;
}

/** Text as UTF-8 with one character for each byte. */
export function utf8Characters(text: string): string {
  return Buffer.from(text).toString('latin1');
}
