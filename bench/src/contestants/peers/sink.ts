import { serveConnections } from '../shared/serve-connections.js';
import { Stream } from '../shared/stream.js';

// Receives a stream on each connection, and answers its end with how many bytes of it were right.

serveConnections((socket) => {
  const stream = new Stream();
  let right = 0;
  socket.on('data', (bytes: Buffer) => {
    stream.compare(bytes);
    if (stream.wrong === 0) right += bytes.length;
  });
  socket.on('end', () => socket.end(String(right)));
});
