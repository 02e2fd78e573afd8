import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy between a client and a server that fails like a bad network. */
export interface CuttingProxy extends AsyncDisposable {
  /** Clients use this address instead of the server's. */
  readonly url: string;
  /** Resets all connections; new ones work. Returns their number. */
  cut(): number;
  /**
   * Discards from now on everything that all connections send, and closes none, as after a sleep or with a NAT that has forgotten them; new
   * ones work. Returns their number.
   */
  silence(): number;
}

/** One connection of a client, and the one to the server that belongs to it. */
interface Pair {
  readonly sockets: readonly [client: Socket, server: Socket];
  isSilent: boolean;
}

/** A proxy in front of a server at `port` of 127.0.0.1. */
export async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  const pairs = new Set<Pair>();
  // Half-open: a silent connection does not even answer the FIN of its client.
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const pair: Pair = { sockets: [client, server], isSilent: false };
    pairs.add(pair);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => undefined);
      from.on('close', () => {
        if (pair.isSilent) return;
        pairs.delete(pair);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  function cut(): number {
    const open = [...pairs];
    pairs.clear();
    for (const socket of open.flatMap(({ sockets }) => sockets)) socket.resetAndDestroy();
    return open.length;
  }
  function silence(): number {
    const open = [...pairs].filter(({ isSilent }) => !isSilent);
    for (const pair of open) {
      pair.isSilent = true;
      for (const socket of pair.sockets) socket.unpipe().resume();
    }
    return open.length;
  }
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cut,
    silence,
    async [Symbol.asyncDispose]() {
      proxy.close();
      cut();
      await once(proxy, 'close');
    },
  };
}
