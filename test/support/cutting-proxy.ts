import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy between a client and a server that cuts every connection on request, as a bad network does. */
export interface CuttingProxy extends AsyncDisposable {
  /** The URL for the client, instead of the server's. */
  readonly url: string;
  /** Ends all connections at once; new ones go through. Returns how many there were. */
  cut(): number;
}

/** A proxy in front of a server at `port` of 127.0.0.1. */
export async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect({ port, host: '127.0.0.1' });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  function cut(): number {
    const connections = sockets.size / 2;
    for (const socket of sockets) socket.resetAndDestroy();
    return connections;
  }
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cut,
    async [Symbol.asyncDispose]() {
      proxy.close();
      cut();
      await once(proxy, 'close');
    },
  };
}
