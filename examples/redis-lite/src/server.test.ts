import { createDriver, type Driver } from 'polyring';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RawClient, withServer } from './with-server.test-support.js';

const test = suite<{ driver: Driver }>('redis-lite');

test.before.each(async (context) => {
  context.driver = (await createDriver()).driver;
});
test.after.each(({ driver }) => driver.close());

/** Requests as an inline line, and the replies they must have. */
const CONVERSATIONS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'connections and the server': [
    ['PING', '+PONG'],
    ['ping hello', '$5\r\nhello'],
    ['ECHO "two words"', '$9\r\ntwo words'],
    ["echo 'it\\x41'", '$6\r\nit\\x41'],
    ['echo "it\\x41\\n"', '$4\r\nitA\n'],
    ['SELECT 0', '+OK'],
    ['SELECT 9', '-ERR DB index is out of range'],
    ['CONFIG GET save', '*2\r\n$4\r\nsave\r\n$0\r\n'],
    ['CONFIG GET constructor', '*0'],
    ['COMMAND', '*0'],
    ['GET', "-ERR wrong number of arguments for 'get' command"],
    ['NOPE a b', "-ERR unknown command 'NOPE', with args beginning with: 'a' 'b' "],
  ],
  strings: [
    ['SET key value', '+OK'],
    ['GET key', '$5\r\nvalue'],
    ['GET missing', '$-1'],
    ['SET key other NX', '$-1'],
    ['SET key other XX GET', '$5\r\nvalue'],
    ['SET fresh 1 XX', '$-1'],
    ['SET key 10 EX 0', "-ERR invalid expire time in 'set' command"],
    ['SET key 10 EX', '-ERR syntax error'],
    ['SET key 10 NX XX', '-ERR syntax error'],
    ['SET key ten EX x', '-ERR value is not an integer or out of range'],
    ['INCR counter', ':1'],
    ['INCRBY counter 41', ':42'],
    ['DECR counter', ':41'],
    ['DECRBY counter 40', ':1'],
    ['INCR key', '-ERR value is not an integer or out of range'],
    ['MSET a 1 b 2', '+OK'],
    ['MSET a', "-ERR wrong number of arguments for 'mset' command"],
    ['MGET a nothing b', '*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n2'],
    ['APPEND a 23', ':3'],
    ['STRLEN a', ':3'],
    ['SETNX a 9', ':0'],
  ],
  lists: [
    ['RPUSH list b c', ':2'],
    ['LPUSH list a', ':3'],
    ['LRANGE list 0 -1', '*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc'],
    ['LRANGE list -2 1', '*1\r\n$1\r\nb'],
    ['LRANGE list 5 9', '*0'],
    ['LLEN list', ':3'],
    ['LINDEX list -1', '$1\r\nc'],
    ['GET list', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
    ['LPOP list', '$1\r\na'],
    ['RPOP list 5', '*2\r\n$1\r\nc\r\n$1\r\nb'],
    ['EXISTS list', ':0'],
    ['LPOP list', '$-1'],
    ['LPOP list 1', '*-1'],
    ['RPUSH list 1 2 3 4', ':4'],
    ['LTRIM list 1 -2', '+OK'],
    ['LRANGE list 0 -1', '*2\r\n$1\r\n2\r\n$1\r\n3'],
  ],
  'keys and their time': [
    ['SET a 1', '+OK'],
    ['TTL a', ':-1'],
    ['TTL none', ':-2'],
    ['EXPIRE a 100', ':1'],
    ['TTL a', ':100'],
    ['PERSIST a', ':1'],
    ['EXPIRE none 1', ':0'],
    ['SET a 1 EX 50', '+OK'],
    ['INCR a', ':2'],
    ['TTL a', ':50'],
    ['SET a 1', '+OK'],
    ['TTL a', ':-1'],
    ['EXPIRE a -1', ':1'],
    ['EXISTS a', ':0'],
    ['MSET one 1 two 2 [x] 3', '+OK'],
    ['KEYS o*e', '*1\r\n$3\r\none'],
    ['KEYS \\[x\\]', '*1\r\n$3\r\n[x]'],
    ['KEYS t[^a]?', '*1\r\n$3\r\ntwo'],
    ['KEYS [z-n]ne', '*1\r\n$3\r\none'],
    ['TYPE one', '+string'],
    ['DEL one two three', ':2'],
    ['DBSIZE', ':1'],
    ['FLUSHALL', '+OK'],
    ['DBSIZE', ':0'],
  ],
};

for (const [subject, lines] of Object.entries(CONVERSATIONS)) {
  test(`commands of ${subject} are answered as the protocol says`, async ({ driver }) => {
    await withServer(driver, async (server) => {
      const client = await RawClient.connect(driver, server);
      for (const [request, reply] of lines) {
        await client.send(`${request}\r\n`);
        assert.is(await client.receive(reply.length + 2), `${reply}\r\n`, request);
      }
      client[Symbol.dispose]();
    });
  });
}

test('a key that has expired is gone for whoever asks, and from memory without being asked for', async ({ driver }) => {
  await withServer(driver, async (server) => {
    const client = await RawClient.connect(driver, server);
    await client.send('SET a 1 PX 1\r\nSET b 1 PX 1\r\n');
    await client.receive(10);
    while (server.store.size > 0) await new Promise(setImmediate);
    await client.send('GET a\r\n');
    assert.is(await client.receive(5), '$-1\r\n');
    client[Symbol.dispose]();
  });
});

test('requests that come together, or byte by byte, are answered in order', async ({ driver }) => {
  await withServer(driver, async (server) => {
    const client = await RawClient.connect(driver, server);
    const value = 'x'.repeat(100_000);
    const requests = `*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$${value.length}\r\n${value}\r\n*2\r\n$3\r\nGET\r\n$3\r\nk\r\n\r\nPING\r\n\r\nPING\r\n`;
    const replies = `+OK\r\n$${value.length}\r\n${value}\r\n+PONG\r\n+PONG\r\n`;
    await client.send(requests);
    assert.ok((await client.receive(replies.length)) === replies);
    for (const byte of '*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n') await client.send(byte);
    assert.is(await client.receive(8), '$2\r\nhi\r\n');
    client[Symbol.dispose]();
  });
});

test('what is not the protocol is answered and ends the connection', async ({ driver }) => {
  await withServer(driver, async (server) => {
    for (const [request, error] of [
      ['*1\r\n+PING\r\n', "-ERR Protocol error: expected '$', got '+'\r\n"],
      ['*x\r\n', '-ERR Protocol error: invalid multibulk length\r\n'],
      ['*1\r\n$-5\r\n', '-ERR Protocol error: invalid bulk length\r\n'],
      ['*1\r\n$9999999999\r\n', '-ERR Protocol error: invalid bulk length\r\n'],
      ['GET "open\r\n', '-ERR Protocol error: unbalanced quotes in request\r\n'],
      [`*${'1'.repeat(70_000)}`, '-ERR Protocol error: too big mbulk count string\r\n'],
      [`${'a'.repeat(70_000)}`, '-ERR Protocol error: too big inline request\r\n'],
      ['QUIT\r\nPING\r\n', '+OK\r\n'],
    ] as const) {
      const client = await RawClient.connect(driver, server);
      await client.send(request);
      assert.is(await client.receive(1000), error);
      client[Symbol.dispose]();
    }
    while (server.connections > 0) await new Promise(setImmediate);
  });
});

test('a client that does not read makes itself wait, not the heap grow', async ({ driver }) => {
  await withServer(driver, async (server) => {
    const client = await RawClient.connect(driver, server);
    await client.send(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$65536\r\n${'v'.repeat(65_536)}\r\n`);
    await client.receive(5);
    const before = process.memoryUsage().arrayBuffers;
    const requests = 2000;
    const sending = client.send('GET k\r\n'.repeat(requests));
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
    assert.ok(process.memoryUsage().arrayBuffers - before < 32 * 1024 * 1024);
    let received = 0;
    for (let at = 0; at < requests; at += 1) received += (await client.receive(8 + 65_536 + 2)).length;
    assert.is(received, requests * (8 + 65_536 + 2));
    await sending;
    client[Symbol.dispose]();
  });
});

test.run();
