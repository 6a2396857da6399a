// timeout: 300
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledListener } from './polled-listener.js';
import { PolledSocket } from './polled-socket.js';

const RACES = 10_000;

/** Ways in which an abort and a byte come at nearly the same time. */
const MEETINGS: readonly ((send: () => void, abort: () => void) => void)[] = [
  (send, abort) => {
    send();
    abort();
  },
  (send, abort) => {
    abort();
    send();
  },
  (send, abort) => {
    send();
    queueMicrotask(abort);
  },
  (send, abort) => {
    send();
    process.nextTick(abort);
  },
  (send, abort) => {
    send();
    setImmediate(abort);
  },
  (send, abort) => {
    send();
    setImmediate(() => setImmediate(abort));
  },
  (send, abort) => {
    send();
    setTimeout(abort, 0);
  },
  (send, abort) => {
    setImmediate(send);
    setTimeout(abort, 0);
  },
  (send, abort) => {
    setImmediate(abort);
    setImmediate(send);
  },
];

await onEveryBackend('A read whose signal meets its data', (test) => {
  test('either takes the data or leaves it to the next read, in 10,000 races', async ({ driver }) => {
    const listener = PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
    const client = await PolledSocket.connect(driver, listener.localAddress);
    client.setNoDelay();
    const server = await listener.accept();
    const unix = PolledSocket.pair(driver);
    const outcomes = { taken: 0, left: 0 };
    for (let race = 0; race < RACES; race += 1) {
      const [writer, reader] = race % 2 === 0 ? unix : [client, server];
      const expected = race & 0xff;
      const controller = new AbortController();
      const buffer = Buffer.alloc(4);
      const reading = reader.read(buffer, { signal: controller.signal, timeout: 10_000 });
      let sent: Promise<number> | undefined;
      const send = () => {
        sent = writer.write(Buffer.from([expected]));
      };
      MEETINGS[race % MEETINGS.length]!(send, () => controller.abort());
      try {
        assert.is(await reading, 1);
        outcomes.taken += 1;
      } catch (error) {
        assert.is((error as Error).name, 'AbortError');
        assert.is(buffer[0], 0, 'nothing was put into a buffer that was given up');
        assert.is(await reader.read(buffer, { timeout: 10_000 }), 1);
        outcomes.left += 1;
      }
      assert.is(buffer[0], expected);
      await sent;
    }
    assert.ok(outcomes.taken > 0 && outcomes.left > 0, JSON.stringify(outcomes));
    for (const each of [...unix, client, server, listener]) each[Symbol.dispose]();
  });
});
