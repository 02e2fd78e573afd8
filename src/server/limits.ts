/** How much one client may ask for. The same on HTTP, server-sent events and WebSocket. */
export interface Limits {
  /** Bytes of a request's body, and of a WebSocket message. */
  readonly bytes: number;
  /** Characters of a document. */
  readonly documentCharacters: number;
  /** Lexical tokens of a document. */
  readonly tokens: number;
  /** Characters of a name in a document, and of a key in the variables. */
  readonly nameCharacters: number;
  /** Brackets of all kinds that are open at once in a document. */
  readonly brackets: number;
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
  /** Bytes that may wait in this process for one connection to take them. */
  readonly unreadBytes: number;
  /** The same for all connections together. */
  readonly unreadTotalBytes: number;
  /** Milliseconds for which a connection may take nothing while data waits for it. */
  readonly unreadTime: number;
  /** Requests that may wait on one connection for the answers to earlier ones. */
  readonly pipelined: number;
  /** Messages of one WebSocket that are handled at once. */
  readonly messageBurst: number;
  /** Messages a second of one WebSocket that are handled after that. */
  readonly messagesPerSecond: number;
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
  /** Of these, uploads of one client: of one token, or without tokens of one address. */
  readonly uploadsPerClient: number;
  /** Bytes a second that an upload has to bring on average over each `uploadRateWindow`. */
  readonly uploadBytesPerSecond: number;
  /** Milliseconds of waiting for an upload after which its rate is looked at. */
  readonly uploadRateWindow: number;
  /** Milliseconds a request may take to arrive; of an upload, each piece of it. */
  readonly requestArrival: number;
  /** Milliseconds that requests under way may take when the server closes. */
  readonly closing: number;
}

/**
 * Generous for what the API is for: a full `options` of a training (64 kB), a filter of 10,000 ids, a thousand rows of twenty
 * columns. The cost of a document and of variables grows in proportion to these, so they also say how long one request can hold
 * up all others: see docs/security.md.
 */
export const DEFAULT_LIMITS: Limits = {
  bytes: 1_000_000,
  documentCharacters: 100_000,
  tokens: 2000,
  nameCharacters: 128,
  brackets: 64,
  variableValues: 25_000,
  // Above a thousand keys V8 makes a hash table of an object, which takes ten times as long to go through.
  objectKeys: 1_000,
  listEntries: 20_000,
  variableDepth: 32,
  textCharacters: 100_000,
  aliases: 50,
  depth: 12,
  breadth: 400,
  complexity: 20_000,
  // Takes any page of a log (2 MiB, at most three times that as JSON) and the most points of metrics (1 MB). Node needs about 30 ms
  // to write 8 MiB of JSON, which everybody else waits for.
  answerBytes: 8 * 1024 ** 2,
  executingBytes: 128 * 1024 ** 2,
  // One answer over HTTP, and over WebSocket a few.
  unreadBytes: 32 * 1024 ** 2,
  unreadTotalBytes: 256 * 1024 ** 2,
  // Half of what nginx gives a client by default (send_timeout). Live clients come back by themselves, downloads with a range.
  unreadTime: 30_000,
  pipelined: 32,
  // Four times the operations that one WebSocket may have, which a client may subscribe to again all at once.
  messageBurst: 1024,
  messagesPerSecond: 400,
  connections: 12_000,
  sockets: 10_000,
  operationsPerSocket: 256,
  connectionInit: 5_000,
  uploadBytes: 10 * 1024 ** 3,
  uploads: 8,
  uploadsPerClient: 4,
  uploadBytesPerSecond: 1_000,
  uploadRateWindow: 30_000,
  requestArrival: 30_000,
  closing: 5_000,
};
