import { told } from '../shared/serve.js';
import { serveConnections } from '../shared/serve-connections.js';
import { Stream } from '../shared/stream.js';

// Answers each byte by so many of a stream.

const { size } = told<{ size: number }>();

serveConnections((socket) => {
  const stream = new Stream();
  socket.on('data', ({ length }) => {
    for (let i = 0; i < length; i += 1) socket.write(stream.take(size));
  });
  socket.on('end', () => socket.end());
});
