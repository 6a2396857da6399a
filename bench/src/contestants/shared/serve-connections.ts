import { type AddressInfo, createServer, type Socket } from 'node:net';
import { endWithInput, sayReady } from './serve.js';

/** Serves each connection over the loopback interface, says on which port, and ends with the standard input. */
export function serveConnections(serve: (socket: Socket) => void): void {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    // Who measures ends a connection as he likes.
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(0, '127.0.0.1', () => sayReady({ port: (server.address() as AddressInfo).port }));
  endWithInput();
}
