import { PolledListener, PolledSocket } from '@polyring/polled';
import { SO_LINGER, SOL_SOCKET, type SocketAddress } from '@polyring/sys';
import { type By, driversBy } from './shared/drivers-by.js';
import { metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';

// Connects and accepts, some connections at a time.

const { connect, accept, together, milliseconds } = told<{ connect: By; accept: By; together: number }>();
const { [connect]: connecting, [accept]: accepting } = await driversBy();
const listener = PolledListener.listen(accepting, { address: '127.0.0.1', port: 0 });
const { localAddress } = listener;

type Ends = readonly [client: PolledSocket, server: PolledSocket];

/** How many of those who were accepted are not who connected. */
function strangersOf(connections: readonly Ends[]): number {
  const ports = new Set(connections.map(([client]) => portOf(client.localAddress)));
  return connections.filter(([, server]) => !ports.delete(portOf(server.remoteAddress))).length;
}

function portOf(address: SocketAddress): number {
  return (address as { readonly port: number }).port;
}

await answer(() =>
  metered(async () => {
    const end = performance.now() + milliseconds;
    let operations = 0;
    let errors = 0;
    for (; performance.now() < end; operations += together) {
      const connections: Ends[] = await Promise.all(
        Array.from({ length: together }, () =>
          Promise.all([PolledSocket.connect(connecting, localAddress), listener.accept()]),
        ),
      );
      errors += strangersOf(connections);
      for (const [client, server] of connections) {
        // Reset, so that no port is left waiting.
        client.setOption(SOL_SOCKET, SO_LINGER, Int32Array.of(1, 0));
        client[Symbol.dispose]();
        server[Symbol.dispose]();
      }
    }
    return { operations, errors };
  }),
);
