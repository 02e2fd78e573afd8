import type { Socket } from 'node:net';
import { MessageType } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { type Outlet, utf8Characters } from './outlet.ts';

/** First byte of a text frame that is a whole message (RFC 6455, section 5.2). */
const WHOLE_TEXT = 0x81;

/**
 * Sends the answers of one subscription on a WebSocket. Writes the frames itself: with a thousand subscribers, the promises and the two
 * buffers that each message takes in graphql-ws and `ws` cost several times as much as the system call.
 * @param connection the connection below the WebSocket, to which `ws` writes too. Without compression it writes each frame at once, so all
 *   frames keep their order.
 * @param id of the subscription
 * @param maxUnread bytes buffered for the client after which it is disconnected
 */
export function createWebSocketOutlet(socket: WebSocket, connection: Socket, id: string, maxUnread: number): Outlet {
  const start = utf8Characters(`{"id":${JSON.stringify(id)},"type":"${MessageType.Next}","payload":`);
  let length = -1;
  let head = '';

  return {
    send({ bytes }, taken) {
      if (socket.readyState !== socket.OPEN) return true;
      if (bytes.length !== length) {
        length = bytes.length;
        head = frameHead(start.length + length + 1) + start;
      }
      connection.write(`${head}${bytes}}`, 'latin1');
      const unread = connection.writableLength;
      if (unread === 0) return true;
      // A callback of each write would cost as much as everything else here, and nearly all writes are done at once.
      connection.write('', taken);
      if (unread > maxUnread) socket.terminate();
      return false;
    },
  };
}

/** The head of a text frame from a server, with one character for each byte. */
function frameHead(length: number): string {
  if (length < 126) return String.fromCharCode(WHOLE_TEXT, length);
  if (length < 0x1_0000) return String.fromCharCode(WHOLE_TEXT, 126, length >> 8, length & 0xff);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(length));
  return String.fromCharCode(WHOLE_TEXT, 127, ...size);
}
