/** A message that completes an operation is about as long as the id in it. */
const MAX_COMPLETE_LENGTH = 1000;

/** The abort signals of the operations that are being started on one WebSocket. */
export interface OperationSignals {
  /** Runs an operation with a signal that aborts when the client completes it, or closes the socket, before it has a result. */
  run<Result>(id: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** To be called with every message: graphql-ws tells nobody that a query is no longer wanted. */
  onMessage(text: string): void;
  /** To be called when the socket has closed. */
  onClose(): void;
}

export function createOperationSignals(): OperationSignals {
  const controllers = new Map<string, AbortController>();

  return {
    async run(id, work) {
      const controller = new AbortController();
      controllers.set(id, controller);
      try {
        return await work(controller.signal);
      } finally {
        // After `complete` the client may use the id again.
        if (controllers.get(id) === controller) controllers.delete(id);
      }
    },
    onMessage(text) {
      if (controllers.size === 0 || text.length > MAX_COMPLETE_LENGTH || !text.includes('"complete"')) return;
      const id = completedBy(text);
      if (id !== null) controllers.get(id)?.abort();
    },
    onClose() {
      for (const controller of controllers.values()) controller.abort();
    },
  };
}

/** The id that a `complete` message names; null for any other text. */
function completedBy(text: string): string | null {
  try {
    const message = JSON.parse(text) as { type?: unknown; id?: unknown } | null;
    return message?.type === 'complete' && typeof message.id === 'string' ? message.id : null;
  } catch {
    return null;
  }
}
