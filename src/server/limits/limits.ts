import type { Quota } from '../../runner/index.ts';

/** Limits on requests and connections, the same for HTTP, server-sent events and WebSocket. */
export interface Limits {
  /** Bytes of a request's body, and of a WebSocket message. */
  readonly bytes: number;
  /** Characters of a document. */
  readonly documentCharacters: number;
  /** Lexical tokens of a document. */
  readonly tokens: number;
  /** Characters of a name in a document, and of a key in the variables. */
  readonly nameCharacters: number;
  /** Depth of nested brackets of all kinds in a document. */
  readonly brackets: number;
  /** Levels of nested objects and lists in the JSON of a request or a WebSocket message. */
  readonly jsonLevels: number;
  /** Values in the JSON of a request or a WebSocket message. */
  readonly jsonValues: number;
  /** Characters of a number in the JSON of a request or a WebSocket message. */
  readonly jsonNumberCharacters: number;
  /** Values in the variables of an operation: each object, list, entry and field counts. */
  readonly variableValues: number;
  /** Keys of one object in the variables. */
  readonly objectKeys: number;
  /** Entries of one list in the variables. */
  readonly listEntries: number;
  /** Levels of objects and lists in one variable. */
  readonly variableDepth: number;
  /** Characters of one text in the variables. */
  readonly textCharacters: number;
  /** Aliases in a document: each runs its field once more. */
  readonly aliases: number;
  /** Levels of nested fields. */
  readonly depth: number;
  /** Fields of an operation, fragments expanded. */
  readonly breadth: number;
  /** Cost of an operation: about one per field and entry; more for fields that read files. */
  readonly complexity: number;
  /** Bytes of one answer: the answer of a query or mutation, or one event of a subscription. */
  readonly answerBytes: number;
  /** Bytes of all answers that are executed at the same time. */
  readonly executingBytes: number;
  /** Bytes buffered in this process for one connection. */
  readonly unreadBytes: number;
  /** Bytes buffered in this process for all connections together. */
  readonly unreadTotalBytes: number;
  /** Milliseconds for which a connection may read nothing while data is buffered for it. */
  readonly unreadTime: number;
  /** Requests on one connection that wait for the answers to earlier ones. */
  readonly pipelined: number;
  /** Messages of one WebSocket that are handled without delay. */
  readonly messageBurst: number;
  /** Messages per second of one WebSocket after that burst. */
  readonly messagesPerSecond: number;
  /** Refused operations of one user that are answered without delay. */
  readonly refusalBurst: number;
  /** Refused operations per second of one user that are answered after that burst. */
  readonly refusalsPerSecond: number;
  /** Open connections of all kinds. */
  readonly connections: number;
  /** Open WebSockets. */
  readonly sockets: number;
  /** Active operations on one WebSocket. */
  readonly operationsPerSocket: number;
  /** Connection-init timeout of a WebSocket, milliseconds. */
  readonly connectionInit: number;
  /** Bytes of an uploaded dataset. */
  readonly uploadBytes: number;
  /** Uploads in progress. Half of these slots are for users who have no upload in progress. */
  readonly uploads: number;
  /**
   * Starts and resumes in a minute. For this and the other quotas, a user is one token or, without tokens, one address.
   */
  readonly startsPerMinute: Quota;
  /** Uploads in a minute. */
  readonly uploadsPerMinute: Quota;
  /** Open subscriptions. */
  readonly subscriptions: Quota;
  /** HTTP requests and WebSocket operations of one user in a minute. */
  readonly requestsPerMinute: number;
  /** Minimum upload rate in bytes per second, on average over each `uploadRateWindow`. */
  readonly uploadBytesPerSecond: number;
  /** Milliseconds of waiting for upload data after which the rate is checked. */
  readonly uploadRateWindow: number;
  /** Milliseconds in which a request must arrive; for an upload, each chunk. */
  readonly requestTimeout: number;
  /** Milliseconds in which active requests must end when the server closes. */
  readonly closing: number;
}

/**
 * Generous for the intended use: full `options` of a training (64 kB), a filter with 10,000 ids, a thousand rows of twenty columns.
 * Parsing and coercion take time in proportion to these limits, so they also bound how long one request can block all others: see
 * docs/security.md.
 */
export const DEFAULT_LIMITS: Limits = {
  bytes: 1_000_000,
  documentCharacters: 100_000,
  tokens: 2000,
  nameCharacters: 128,
  brackets: 64,
  // Far above the levels of variables, so that those get their own error; far below the depth that exhausts the stack.
  jsonLevels: 1_024,
  // The values of the variables, and a reserve for the rest of the request. Parsing this many different keys takes 25 ms.
  jsonValues: 26_000,
  jsonNumberCharacters: 1_000,
  variableValues: 25_000,
  // Above a thousand keys V8 turns an object into a hash table, which takes ten times as long to iterate.
  objectKeys: 1_000,
  listEntries: 20_000,
  variableDepth: 32,
  textCharacters: 100_000,
  aliases: 50,
  depth: 12,
  breadth: 400,
  complexity: 20_000,
  // Enough for any page of a log (2 MiB, at most three times that as JSON) and for the maximum number of metric points (1 MB).
  // Node needs about 30 ms to serialize 8 MiB of JSON, which blocks all other clients.
  answerBytes: 8 * 1024 ** 2,
  executingBytes: 128 * 1024 ** 2,
  // One answer over HTTP, or a few over WebSocket.
  unreadBytes: 32 * 1024 ** 2,
  unreadTotalBytes: 256 * 1024 ** 2,
  // Half of nginx's default (send_timeout). Live clients reconnect automatically; downloads continue with a range request.
  unreadTime: 30_000,
  pipelined: 32,
  // Four times the operations of one WebSocket, because a client may restart all of its subscriptions at once.
  messageBurst: 1024,
  messagesPerSecond: 400,
  // A refusal takes at most 25 ms of CPU time: after the burst, one user takes an eighth of a core at most.
  refusalBurst: 30,
  refusalsPerSecond: 5,
  connections: 12_000,
  sockets: 10_000,
  operationsPerSocket: 256,
  connectionInit: 5_000,
  uploadBytes: 10 * 1024 ** 3,
  uploads: 8,
  // A full queue at once, and a sweep over parameters.
  startsPerMinute: { perUser: 1_000, total: 5_000 },
  uploadsPerMinute: { perUser: 300, total: 1_000 },
  subscriptions: { perUser: 20_000, total: 50_000 },
  // More than this server can answer, so it only stops endless loops, never a busy page.
  requestsPerMinute: 600_000,
  uploadBytesPerSecond: 1_000,
  uploadRateWindow: 30_000,
  requestTimeout: 30_000,
  closing: 5_000,
};
