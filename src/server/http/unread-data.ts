import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Limits } from '../limits/limits.ts';
import type { Logger } from '../logger.ts';

/** Interval between checks of all connections, ms. */
const CHECK_INTERVAL = 250;

/** State of one connection. */
interface Connection {
  /** Bytes that the kernel had accepted at the last check. */
  accepted: number;
  /** Time of the monotonic clock since which the client reads nothing although data is buffered, ms; null otherwise. */
  stuckSince: number | null;
}

/** A connection with buffered data. */
export interface Waiting {
  /** Bytes buffered in this process. */
  readonly bytes: number;
  /** Time since the client last read, ms. */
  readonly stuck: number;
}

/**
 * Chooses the connections to close among those with buffered data: those that read nothing for too long, those with too much data,
 * and more if the total is too large. Of these, the ones that have been stuck for longest come first, then the ones with the most
 * bytes.
 */
export function chooseCuts<Entry extends Waiting>(
  waiting: readonly Entry[],
  { unreadTime, unreadBytes, unreadTotalBytes }: Pick<Limits, 'unreadTime' | 'unreadBytes' | 'unreadTotalBytes'>,
): Entry[] {
  const cuts = waiting.filter(({ bytes, stuck }) => stuck >= unreadTime || bytes > unreadBytes);
  const kept = waiting.filter((entry) => !cuts.includes(entry));
  let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= unreadTotalBytes) return cuts;
  for (const entry of kept.toSorted((a, b) => b.stuck - a.stuck || b.bytes - a.bytes)) {
    if (total <= unreadTotalBytes) break;
    cuts.push(entry);
    total -= entry.bytes;
  }
  return cuts;
}

/**
 * Disconnects clients that do not read their data. This covers HTTP, files, SSE and WebSockets, which are all connections of this
 * server.
 */
export function cutUnreadConnections(
  server: Server,
  { limits, logger }: { readonly limits: Limits; readonly logger: Logger },
): void {
  const connections = new Map<Socket, Connection>();
  // With TLS the bytes wait in its own socket, on top of the connection.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections.set(socket, { accepted: 0, stuckSince: null });
    socket.once('close', () => connections.delete(socket));
  });

  function check(): void {
    const now = performance.now();
    const waiting: (Waiting & { readonly socket: Socket })[] = [];
    for (const [socket, connection] of connections) {
      const bytes = socket.writableLength;
      const accepted = acceptedBytes(socket);
      if (bytes === 0 || accepted !== connection.accepted) connection.stuckSince = null;
      else connection.stuckSince ??= now;
      connection.accepted = accepted;
      if (bytes > 0) waiting.push({ socket, bytes, stuck: now - (connection.stuckSince ?? now) });
    }
    for (const { socket, bytes, stuck } of chooseCuts(waiting, limits)) {
      logger.info({ bytes, milliseconds: Math.round(stuck) }, 'disconnected a client that does not read');
      socket.destroy();
    }
  }

  const timer = setInterval(check, CHECK_INTERVAL);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}

/**
 * Number of bytes that the kernel has accepted from a socket. One write may be a whole answer, and Node reports only when all of
 * it was accepted. The underlying handle knows how much is still queued; Node's own timeouts use it too.
 */
function acceptedBytes(socket: Socket): number {
  const { _handle: handle } = socket as unknown as {
    _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null;
  };
  if (handle?.bytesWritten === undefined || handle.writeQueueSize === undefined)
    return socket.bytesWritten - socket.writableLength;
  return handle.bytesWritten - handle.writeQueueSize;
}
