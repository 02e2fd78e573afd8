/** The limit: a frame that is built once, written to the connection of each subscriber. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { answerCommands } from '../commands.ts';
import { eventAt } from '../progress.ts';
import { publishSteadily } from '../topic.ts';

const http = createServer();
const sockets = new WebSocketServer({ server: http, handleProtocols: () => 'graphql-transport-ws' });
const subscribers = new Set();
let step = 0;

sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { type, id } = JSON.parse(data);
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (type === 'subscribe') {
      subscribers.add(socket._socket);
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: { jobProgress: eventAt(step) } } }));
    }
  });
});

function publish() {
  step += 1;
  const id = '00000000-0000-4000-8000-000000000000';
  const text = JSON.stringify({ id, type: 'next', payload: { data: { jobProgress: eventAt(step) } } });
  const message = frame(Buffer.from(text));
  for (const socket of subscribers) socket.write(message);
}

function frame(data) {
  return Buffer.concat([Buffer.from([0x81, 126, data.length >> 8, data.length & 255]), data]);
}

http.listen(0, '127.0.0.1', () =>
  answerCommands({
    port: () => http.address().port,
    publish: (...how) => publishSteadily(publish, ...how),
  }),
);
