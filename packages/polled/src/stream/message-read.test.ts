import { randomBytes } from 'node:crypto';
import type { ReadableStreamBYOBReader } from 'node:stream/web';
import { pipe2 } from '@polyring/sys';
import * as assert from 'uvu/assert';
import { onEveryBackend } from '../grid.test-support.js';
import { PolledPipe } from '../pipe/polled-pipe.js';
import { PolledSocket } from '../socket/polled-socket.js';

/** More than a chunk of a stream of bytes. */
const LONG = randomBytes(100_000);
const SHORT = Buffer.from('short');

/** Takes so many bytes, in pieces of a few. */
async function inPieces(readable: ReadableStream<Uint8Array>, size: number, length: number): Promise<Buffer> {
  const reader = readable.getReader({ mode: 'byob' }) as unknown as ReadableStreamBYOBReader;
  const pieces: Buffer[] = [];
  for (let left = length; left > 0; left -= pieces.at(-1)?.length ?? 0) {
    const { value } = await reader.read(new Uint8Array(size));
    pieces.push(Buffer.from(value ?? []));
  }
  reader.releaseLock();
  return Buffer.concat(pieces);
}

await onEveryBackend('The web stream of messages', (test) => {
  for (const type of ['dgram', 'seqpacket'] as const) {
    test(`gives each of a unix ${type} socket whole, however long it is`, async ({ driver }) => {
      const [one, two] = PolledSocket.pair(driver, { type });
      const reader = two.readable.getReader();
      const first = reader.read();
      for (const message of [LONG, SHORT, LONG]) await one.write(message);
      const found = [await first, await reader.read(), await reader.read()];
      assert.equal(
        found.map(({ value }) => value?.length),
        [LONG.length, SHORT.length, LONG.length],
      );
      assert.ok(LONG.equals(found[2]?.value ?? SHORT));
      const last = reader.read();
      if (type === 'dgram') two.shutdown('read');
      else one[Symbol.dispose]();
      assert.ok((await last).done);
      for (const each of [one, two]) each[Symbol.dispose]();
    });

    test(`of a unix ${type} socket goes on with one where a buffer is too small for it`, async ({ driver }) => {
      const [one, two] = PolledSocket.pair(driver, { type });
      const pieces = inPieces(two.readable, 30_000, LONG.length);
      await one.write(LONG);
      await one.write(SHORT);
      assert.ok(LONG.equals(await pieces));
      assert.equal(await inPieces(two.readable, 30_000, SHORT.length), SHORT);
      const reader = two.readable.getReader({ mode: 'byob' }) as unknown as ReadableStreamBYOBReader;
      const last = reader.read(new Uint8Array(1));
      if (type === 'dgram') two.shutdown('read');
      else one[Symbol.dispose]();
      assert.ok((await last).done);
      for (const each of [one, two]) each[Symbol.dispose]();
    });
  }

  test('of a pipe of packets goes on with one where a buffer is too small for it', async ({ driver }) => {
    const [fromPair, toPair] = PolledPipe.pair(driver, { direct: true });
    const [from, to] = pipe2({ direct: true });
    const pairs = [
      [fromPair, toPair],
      [new PolledPipe(driver, from, { packets: true }), new PolledPipe(driver, to)],
    ] as const;
    for (const [reader, writer] of pairs) {
      for (const packet of ['packet', 'of the next']) await writer.write(Buffer.from(packet));
      const stream = reader.readable.getReader({ mode: 'byob' }) as unknown as ReadableStreamBYOBReader;
      for (const piece of ['pack', 'et', 'of t', 'he n', 'ext']) {
        const { value } = await stream.read(new Uint8Array(4));
        assert.is(`${Buffer.from(value ?? [])}`, piece);
      }
      for (const end of [reader, writer]) end[Symbol.dispose]();
    }
  });
});
