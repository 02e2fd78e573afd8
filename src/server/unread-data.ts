import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from './limits.ts';
import type { Logger } from './logger.ts';

/** How often connections are looked at, ms. */
const LOOK_INTERVAL = 250;

/** What is known of one connection. */
interface Connection {
  /** Bytes that the kernel had taken when it was last looked at. */
  accepted: number;
  /** Since when it takes nothing although data waits, ms of the monotonic clock; null while it does, or nothing waits. */
  stuckSince: number | null;
}

/** One connection for which data waits. */
export interface Waiting {
  /** Bytes that wait in this process. */
  readonly bytes: number;
  /** For how long nothing of it was taken, ms. */
  readonly stuck: number;
}

/**
 * Which connections to cut, given those for which data waits: those that take nothing for too long, those for which too much
 * waits, and, where too much waits for all together, more of them. Those that have taken nothing for longest come first, and of
 * those the ones with the most bytes.
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
 * Disconnects clients that do not read what is sent to them: HTTP answers, files, SSE and WebSockets alike, since all of them are
 * connections of this server.
 */
export function cutUnreadConnections(
  server: Server,
  { limits, logger }: { readonly limits: Limits; readonly logger: Logger },
): void {
  const connections = new Map<Socket, Connection>();
  server.on('connection', (socket) => {
    connections.set(socket, { accepted: 0, stuckSince: null });
    socket.once('close', () => connections.delete(socket));
  });

  function look(): void {
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
      logger.info({ bytes, milliseconds: Math.round(stuck) }, 'Disconnected a client that does not read');
      socket.destroy();
    }
  }

  const timer = setInterval(look, LOOK_INTERVAL);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}

/**
 * How many bytes the kernel has taken from a socket. One write may be a whole answer, of which Node says only when all of it is
 * taken; the handle beneath knows how much still waits, and Node's own timeouts look at it too.
 */
function acceptedBytes(socket: Socket): number {
  const { _handle: handle } = socket as unknown as {
    _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null;
  };
  if (handle?.bytesWritten === undefined || handle.writeQueueSize === undefined)
    return socket.bytesWritten - socket.writableLength;
  return handle.bytesWritten - handle.writeQueueSize;
}
