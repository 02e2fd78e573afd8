import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Lets one request of a connection go on at a time. */
export interface Pipelining {
  /**
   * Resolves when the answers to all earlier requests of the same connection are sent.
   * @returns false when there is nobody to answer: the connection is closed
   */
  turn(socket: Socket, response: ServerResponse): Promise<boolean>;
}

/** The requests of one connection that have no complete answer yet. */
interface Queue {
  /** Resolves when the newest of them is answered. */
  last: Promise<void>;
  /** Ends the wait for each of them. */
  readonly waits: Set<() => void>;
}

/**
 * Requests that a client sends before it has the answers to earlier ones. Node would run all of them at once, and keep all answers
 * until the client reads them.
 * @param most how many may wait on one connection; one more closes it, since Node does not stop reading for them
 */
export function createPipelining(most: number): Pipelining {
  const queues = new WeakMap<Socket, Queue>();

  function queueOf(socket: Socket): Queue {
    const known = queues.get(socket);
    if (known) return known;
    const queue: Queue = { last: Promise.resolve(), waits: new Set() };
    queues.set(socket, queue);
    // An answer that waits for an earlier one has no socket yet, and is not closed with it.
    socket.once('close', () => queue.waits.forEach((over) => over()));
    return queue;
  }

  return {
    async turn(socket, response) {
      const queue = queueOf(socket);
      if (queue.waits.size > most) {
        socket.destroy();
        return false;
      }
      const before = queue.waits.size > 0 ? queue.last : undefined;
      queue.last = new Promise((resolve) => {
        const over = () => {
          queue.waits.delete(over);
          resolve();
        };
        queue.waits.add(over);
        response.once('close', over);
      });
      await before;
      return !socket.destroyed;
    },
  };
}
