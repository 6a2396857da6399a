import { told } from '../shared/serve.js';
import { serveConnections } from '../shared/serve-connections.js';
import { Stream } from '../shared/stream.js';

// Sends a stream on each connection, from the first byte that it receives on.

const { size } = told<{ size: number }>();

serveConnections((socket) => {
  const stream = new Stream();
  const more = (): void => {
    while (socket.write(stream.take(size)));
  };
  socket.on('drain', more).once('data', more);
});
