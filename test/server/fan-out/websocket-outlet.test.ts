import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Outlet, PreparedAnswer } from '../../../src/server/fan-out/outlet.ts';
import { createSharedFrames } from '../../../src/server/fan-out/shared-frames.ts';
import { createWebSocketOutlet } from '../../../src/server/fan-out/websocket-outlet.ts';

interface Subscriber {
  readonly outlet: Outlet;
  /** The connection of the server. */
  readonly connection: Socket;
  /** The next message that arrives. */
  next(): Promise<unknown>;
}

async function connect(server: WebSocketServer, id: string): Promise<Subscriber> {
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as unknown as [
    [WebSocket],
  ];
  const connection = (socket as unknown as { _socket: Socket })._socket;
  return {
    outlet: createWebSocketOutlet(socket, connection, id, 1_000_000),
    connection,
    next: async () => JSON.parse(String((await once(client, 'message'))[0])) as unknown,
  };
}

function answerOf(data: object): PreparedAnswer {
  const text = JSON.stringify({ data });
  return { frames: createSharedFrames(text), result: { data: { ...data }, stringify: () => text } };
}

test('each subscriber gets its own id, also while the connection of another has not taken the same answer yet', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, 'listening');
  const [slow, quick, longer] = [await connect(server, 'a'), await connect(server, 'é'), await connect(server, 'ccc')];
  const answer = answerOf({ event: 'naïve' });
  const payload = { data: { event: 'naïve' } };
  const [first, second, third] = [slow.next(), quick.next(), longer.next()];

  slow.connection.cork();
  let isTaken = false;
  expect(slow.outlet.send(answer, () => (isTaken = true))).toBe(false);
  const sameLength = await connect(server, 'b');
  const fourth = sameLength.next();
  for (const { outlet } of [sameLength, quick, longer]) expect(outlet.send(answer, () => undefined)).toBe(true);
  expect(await Promise.all([second, third, fourth])).toEqual([
    { id: 'é', type: 'next', payload },
    { id: 'ccc', type: 'next', payload },
    { id: 'b', type: 'next', payload },
  ]);
  expect(isTaken).toBe(false);

  slow.connection.uncork();
  expect(await first).toEqual({ id: 'a', type: 'next', payload });
  expect(isTaken).toBe(true);
});
