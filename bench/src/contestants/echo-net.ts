import { type AddressInfo, createServer } from 'node:net';
import { endWithInput, sayReady } from './shared/serve.js';

// An echo server on node:net.

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('error', () => socket.destroy());
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  sayReady({ port: (server.address() as AddressInfo).port });
});
endWithInput();
