import type { PolledSocket } from 'polyring';
import { execute } from './commands/execute.js';
import { ProtocolError } from './resp/command-error.js';
import { ReplyWriter } from './resp/reply-writer.js';
import { RequestParser } from './resp/request-parser.js';
import type { Store } from './store/store.js';

/** Replies are sent when so many bytes have come together, and when there are no more requests. */
const FLUSH_AT = 1 << 20;

/**
 * Serves one connection until it ends. Requests that came together are answered together, and nothing more is read
 * before the answers were taken: a client that does not read makes itself wait.
 */
export async function serve(socket: PolledSocket, store: Store): Promise<void> {
  const parser = new RequestParser();
  const reply = new ReplyWriter();
  let open = true;
  const context = {
    store,
    reply,
    quit: () => {
      open = false;
    },
  };
  while (open) {
    const bytes = await socket.read(parser.room);
    if (bytes === 0) return;
    parser.filled(bytes);
    try {
      for (let request = parser.next(); open && request !== undefined; request = parser.next()) {
        execute(request, context);
        if (reply.length >= FLUSH_AT) await flush(socket, reply);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      reply.error(`ERR Protocol error: ${error.message}`);
      open = false;
    }
    if (reply.length > 0) await flush(socket, reply);
  }
}

async function flush(socket: PolledSocket, reply: ReplyWriter): Promise<void> {
  await socket.writeAll(reply.bytes);
  reply.clear();
}
