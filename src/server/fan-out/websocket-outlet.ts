import type { Socket } from 'node:net';
import { MessageType } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Outlet } from './outlet.ts';

/**
 * Sends the answers of one subscription on a WebSocket. Writes the frames itself: with a thousand subscribers, the promises and the two
 * buffers that each message takes in graphql-ws and `ws` cost several times as much as the system call.
 * @param connection the connection below the WebSocket, to which `ws` writes too. Without compression it writes each frame at once, so all
 *   frames keep their order.
 * @param id of the subscription
 * @param maxUnread bytes buffered for the client after which it is disconnected
 */
export function createWebSocketOutlet(socket: WebSocket, connection: Socket, id: string, maxUnread: number): Outlet {
  const start = Buffer.from(`{"id":${JSON.stringify(id)},"type":"${MessageType.Next}","payload":`);

  return {
    send({ frames }, taken) {
      if (socket.readyState !== socket.OPEN) return true;
      connection.write(frames.startingWith(start));
      const unread = connection.writableLength;
      if (unread === 0) return true;
      frames.keep();
      // A callback of each write would cost as much as everything else here, and nearly all writes are done at once.
      connection.write('', taken);
      if (unread > maxUnread) socket.terminate();
      return false;
    },
  };
}
