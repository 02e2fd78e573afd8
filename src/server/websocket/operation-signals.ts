/** Longer messages cannot be `complete` messages, which are about as long as the id in them. */
const MAX_COMPLETE_LENGTH = 1000;

/** Abort signals of the operations on one WebSocket that have no result yet. */
export interface OperationSignals {
  /** Runs an operation with a signal that aborts if the client completes it or closes the socket before it has a result. */
  run<Result>(id: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** Call with every message: graphql-ws does not report that a client has completed a query. */
  onMessage(text: string): void;
  /** Call when the socket has closed. */
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
        // After `complete` the client may reuse the id.
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

/** The id in a `complete` message; null for any other text. */
function completedBy(text: string): string | null {
  try {
    const message = JSON.parse(text) as { type?: unknown; id?: unknown } | null;
    return message?.type === 'complete' && typeof message.id === 'string' ? message.id : null;
  } catch {
    return null;
  }
}
