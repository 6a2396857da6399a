import { InterestSlot, PollEvents } from '@polyring/core';
import { MSG_OOB, SO_OOBINLINE, SOL_SOCKET, tryRecv } from '@polyring/sys';
import { rejects } from '@polyring/test-support';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { connection, dispose, text } from './connection.test-support.js';

await onEveryBackend('urgent data', (test) => {
  test('urgent data is there for who asked before he read, and among the rest where that is set', async ({
    driver,
  }) => {
    const urgent = Buffer.from('abc');
    const byte = Buffer.alloc(1);
    for (const asks of ['recv', 'pollIo']) {
      const [client, server] = await connection(driver);
      if (asks === 'recv') await rejects(server.recv(byte, { flags: MSG_OOB }), 'EINVAL');
      const asking =
        asks === 'pollIo' &&
        server.pollIo(
          InterestSlot.Read,
          PollEvents.PRI,
          () => tryRecv(server.fd, byte, 0, 1, MSG_OOB) > 0 || undefined,
        );
      const reading = text(server);
      await client.send(urgent, { flags: MSG_OOB });
      assert.is(await reading, 'ab');
      assert.ok((await asking) || (await server.recv(byte, { flags: MSG_OOB, timeout: 20_000 })) === 1);
      assert.is(`${byte}`, 'c');
      dispose(client, server);
    }
    const [client, server] = await connection(driver);
    server.setOption(SOL_SOCKET, SO_OOBINLINE, true);
    let all = '';
    const reading = (async () => {
      while (all.length < 3) all += await text(server);
    })();
    await client.send(urgent, { flags: MSG_OOB });
    await reading;
    assert.is(all, 'abc');
    dispose(client, server);
  });
});
