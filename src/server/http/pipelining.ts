import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Runs the requests of a connection one at a time. */
export interface Pipelining {
  /**
   * Resolves when the answers to all earlier requests of the same connection are sent.
   * @returns false if the connection is closed
   */
  waitForPrevious(socket: Socket, response: ServerResponse): Promise<boolean>;
}

/** Requests of one connection without a complete answer. */
interface Queue {
  /** Resolves when the latest of them is answered. */
  last: Promise<void>;
  /** Ends the wait for each of them. */
  readonly waits: Set<() => void>;
}

/**
 * Handles HTTP pipelining: requests that a client sends before it has the answers to earlier ones. Node would run all of them at
 * once and buffer all answers until the client reads them.
 * @param maxWaiting requests that may wait on one connection; one more closes it, because Node does not stop reading
 */
export function createPipelining(maxWaiting: number): Pipelining {
  const queues = new WeakMap<Socket, Queue>();

  function queueOf(socket: Socket): Queue {
    const known = queues.get(socket);
    if (known) return known;
    const queue: Queue = { last: Promise.resolve(), waits: new Set() };
    queues.set(socket, queue);
    // A response that waits for an earlier one has no socket yet, so it does not close with the socket.
    socket.once('close', () => queue.waits.forEach((done) => done()));
    return queue;
  }

  return {
    async waitForPrevious(socket, response) {
      const queue = queueOf(socket);
      if (queue.waits.size > maxWaiting) {
        socket.destroy();
        return false;
      }
      const before = queue.waits.size > 0 ? queue.last : undefined;
      queue.last = new Promise((resolve) => {
        const done = () => {
          queue.waits.delete(done);
          resolve();
        };
        queue.waits.add(done);
        response.on('close', done);
      });
      await before;
      return !socket.destroyed;
    },
  };
}
