/** How much one client may ask for. The same on HTTP, server-sent events and WebSocket. */
export interface Limits {
  /** Bytes of a request's body, and of a WebSocket message. */
  readonly bytes: number;
  /** Lexical tokens of a document. */
  readonly tokens: number;
  /** Aliases in a document: each is one more run of its field. */
  readonly aliases: number;
  /** Levels of nested fields. */
  readonly depth: number;
  /** Fields of an operation, fragments expanded. */
  readonly breadth: number;
  /** Cost of an operation: about one a field and entry; more for what reads files. */
  readonly complexity: number;
  /** Bytes of one answer: of a query or mutation, or of one event of a subscription. */
  readonly answerBytes: number;
  /** Bytes of all answers that are executed at the same time. */
  readonly executingBytes: number;
  /** Open connections of all kinds. */
  readonly connections: number;
  /** Open WebSockets. */
  readonly sockets: number;
  /** Operations under way on one WebSocket. */
  readonly operationsPerSocket: number;
  /** Milliseconds a WebSocket may take to introduce itself. */
  readonly connectionInit: number;
  /** Bytes of an uploaded dataset. */
  readonly uploadBytes: number;
  /** Uploads under way. */
  readonly uploads: number;
  /** Milliseconds a request may take to arrive; of an upload, each piece of it. */
  readonly requestArrival: number;
  /** Milliseconds that requests under way may take when the server closes. */
  readonly closing: number;
}

export const DEFAULT_LIMITS: Limits = {
  bytes: 1_000_000,
  tokens: 2000,
  aliases: 50,
  depth: 12,
  breadth: 400,
  complexity: 20_000,
  // Takes any page of a log (2 MiB, at most three times that as JSON) and the most points of metrics (1 MB). Node needs about 30 ms
  // to write 8 MiB of JSON, which everybody else waits for.
  answerBytes: 8 * 1024 ** 2,
  executingBytes: 128 * 1024 ** 2,
  connections: 12_000,
  sockets: 10_000,
  operationsPerSocket: 256,
  connectionInit: 5_000,
  uploadBytes: 10 * 1024 ** 3,
  uploads: 8,
  requestArrival: 30_000,
  closing: 5_000,
};
