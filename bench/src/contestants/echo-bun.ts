import { endWithInput, sayReady } from './shared/serve.js';

// An echo server on Bun's own sockets.

/** As much of Bun as is used. */
interface BunSocket {
  write(bytes: Uint8Array): number;
}
interface Bun {
  listen(options: { hostname: string; port: number; socket: { data(socket: BunSocket, bytes: Uint8Array): void } }): {
    readonly port: number;
  };
}

const { Bun } = globalThis as unknown as { Bun: Bun };
const { port } = Bun.listen({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    data(socket, bytes) {
      socket.write(bytes);
    },
  },
});
sayReady({ port });
endWithInput();
