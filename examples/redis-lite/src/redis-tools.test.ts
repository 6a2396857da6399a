import { once } from 'node:events';
import { connect } from 'node:net';
import { createDriver, type Driver } from 'polyring';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startPeer, testWith } from '../../../packages/polled/dist/peer-tools.test-support.js';
import { withServer } from './with-server.test-support.js';

for (const backend of ['auto', 'epoll']) {
  const test = suite<{ driver: Driver }>(`the tools of Redis, backend ${backend}`);

  test.before.each(async (context) => {
    context.driver = (await createDriver({ backend })).driver;
  });
  test.after.each(({ driver }) => driver.close());

  test('commands that are typed by hand are answered', async ({ driver }) => {
    await withServer(driver, async ({ port }) => {
      const socket = connect({ host: '127.0.0.1', port: port as number }).setEncoding('utf8');
      socket.write('PING\r\nQUIT\r\n');
      let answer = '';
      socket.on('data', (text) => {
        answer += text;
      });
      await once(socket, 'end');
      assert.is(answer, '+PONG\r\n+OK\r\n');
    });
  });

  testWith(test, 'redis-cli', 'redis-cli is answered', async ({ driver }) => {
    await withServer(driver, async ({ port }) => {
      const ask = (...words: string[]) => startPeer('redis-cli', ['-p', String(port), ...words]).output;
      assert.is(await ask('PING'), 'PONG\n');
      assert.is(await ask('SET', 'key', 'a value', 'EX', '100'), 'OK\n');
      assert.is(await ask('GET', 'key'), 'a value\n');
      assert.is(await ask('TTL', 'key'), '100\n');
      assert.is(await ask('RPUSH', 'list', 'a', 'b'), '2\n');
      assert.is(await ask('LRANGE', 'list', '0', '-1'), 'a\nb\n');
      assert.match(await ask('INFO'), /redis_version:/);
      assert.match(await ask('NOPE'), /^ERR unknown command 'NOPE'/);
      const input = startPeer('redis-cli', ['-p', String(port)], 'INCR n\nINCR n\nGET n\n');
      assert.is(await input.output, '1\n2\n2\n');
      const mass = startPeer('redis-cli', ['-p', String(port), '--pipe'], 'SET a 1\r\nINCR a\r\nDEL key\r\n');
      assert.match(await mass.output, /errors: 0, replies: 3/);
    });
  });

  testWith(
    test,
    'redis-benchmark',
    'redis-benchmark runs its tests, with and without pipelining',
    async ({ driver }) => {
      await withServer(driver, async ({ port, store }) => {
        for (const pipeline of ['1', '16']) {
          const tests = 'ping_inline,ping_mbulk,set,get,incr,lpush,rpush,lpop,rpop,lrange_100,mset';
          const args = ['-p', String(port), '-n', '640', '-c', '50', '-P', pipeline, '-t', tests, '--csv', '-e'];
          const lines = (await startPeer('redis-benchmark', args).output).trim().split('\n');
          assert.is(lines.filter((line) => /^"[^"]+","[\d.]+"/.test(line)).length, 12, lines.join('\n'));
        }
        assert.is(store.string('counter:__rand_int__')?.toString(), '1280');
      });
    },
  );

  test.run();
}
