/** Opens many WebSockets with one subscription each, and counts the frames that arrive, at the lowest cost: nothing is parsed. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { answerCommands } from '../commands.ts';
import { JOB_ID, WATCH } from '../progress.ts';

/** Time without a frame after which no more are expected, ms. */
const SILENCE = 200;

const TEXT = 1;
const PING = 9;
/** Masked, without data. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** Connections of each server. */
const groups = new Map();

/** A masked text frame, as clients must send it; the mask is zero. */
function clientFrame(text) {
  const data = Buffer.from(text);
  const head =
    data.length < 126
      ? [0x81, 0x80 | data.length, 0, 0, 0, 0]
      : [0x81, 0x80 | 126, data.length >> 8, data.length & 255, 0, 0, 0, 0];
  return Buffer.concat([Buffer.from(head), data]);
}

function subscribe(port, token, group) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    group.sockets.push(socket);
    let isOpen = false;
    let frames = 0;
    // Bytes of the next frame that have arrived in an earlier chunk.
    let rest = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('connect', () =>
      socket.write(
        [
          'GET /graphql HTTP/1.1',
          'host: localhost',
          'upgrade: websocket',
          'connection: upgrade',
          'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
          'sec-websocket-version: 13',
          'sec-websocket-protocol: graphql-transport-ws',
          '\r\n',
        ].join('\r\n'),
      ),
    );
    socket.on('data', (chunk) => {
      let data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      if (!isOpen) {
        const end = data.indexOf('\r\n\r\n');
        if (end === -1) return void (rest = data);
        if (!data.subarray(0, 12).includes('101')) return reject(new Error(data.toString()));
        isOpen = true;
        data = data.subarray(end + 4);
        socket.write(clientFrame(JSON.stringify({ type: 'connection_init', payload: { authorization: token } })));
      }
      let at = 0;
      while (data.length - at >= 2) {
        const short = data[at + 1];
        if (short === 126 && data.length - at < 4) break;
        const size = short < 126 ? 2 + short : 4 + data.readUInt16BE(at + 2);
        if (data.length - at < size) break;
        const kind = data[at] & 15;
        if (kind === TEXT) arrived();
        else if (kind === PING) socket.write(PONG);
        at += size;
      }
      rest = data.subarray(at);
    });
    function arrived() {
      frames += 1;
      if (frames === 1) {
        const payload = { query: WATCH, variables: { id: JOB_ID } };
        socket.write(clientFrame(JSON.stringify({ id: randomUUID(), type: 'subscribe', payload })));
      } else if (frames === 2) {
        resolve();
      }
      group.frames += 1;
    }
  });
}

answerCommands({
  async open(name, port, count) {
    const group = { sockets: [], frames: 0 };
    groups.set(name, group);
    for (let opened = 0; opened < count; opened += 100) {
      await Promise.all(
        Array.from({ length: Math.min(100, count - opened) }, () => subscribe(port, 'Bearer secret', group)),
      );
    }
  },
  /** Counts from now on. */
  reset(name) {
    groups.get(name).frames = 0;
  },
  frames: (name) => groups.get(name).frames,
  /** Waits until no more frames arrive. @returns their number since `reset` */
  async settle(name) {
    const group = groups.get(name);
    let before = -1;
    while (group.frames !== before) {
      before = group.frames;
      await new Promise((resolve) => setTimeout(resolve, SILENCE));
    }
    return group.frames;
  },
  close(name) {
    for (const socket of groups.get(name).sockets) socket.destroy();
  },
});
