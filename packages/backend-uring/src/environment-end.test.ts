import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runWhereGranted } from './run-where-granted.test-support.js';

const PRELUDE = `
  import { closeSync, readdirSync, readlinkSync } from 'node:fs';
  import { nop, read } from ${JSON.stringify(import.meta.resolve('@polyring/core'))};
  import { pipe2, tryRead, write } from ${JSON.stringify(import.meta.resolve('@polyring/sys'))};
  import { uringBackend } from ${JSON.stringify(new URL('index.js', import.meta.url).href)};
  import { createDriverOver } from ${JSON.stringify(new URL('driver.js', import.meta.url).href)};
  import { interceptedBinding } from ${JSON.stringify(new URL('intercepted-binding.test-support.js', import.meta.url).href)};
  const rings = () => readdirSync('/proc/self/fd').map(Number).filter((fd) => {
    try {
      return readlinkSync('/proc/self/fd/' + fd).includes('[io_uring]');
    } catch {
      return false;
    }
  });
  const before = rings();
`;

function run(body: string): { status: number | null; stdout: string; stderr: string } {
  const args = ['--input-type=module', '-e', PRELUDE + body];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' });
}

test('an environment whose ring a stranger has closed ends all the same, and says so', () => {
  const { status, stderr } = run(`
    const driver = uringBackend.create();
    const [reader] = pipe2();
    driver.ioUringSubmit(read(reader, Buffer.alloc(8)));
    await driver.ioUringSubmit(nop());
    // libuv has to watch it by then: it aborts if it cannot begin to.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    closeSync(rings().find((fd) => !before.includes(fd)));
    driver.unref();
  `);
  assert.is(status, 0, stderr);
  assert.match(stderr, 'its ring cannot be entered to cancel 1 operations: Bad file descriptor');
});

test('a failed driver that is closed lets go of its ring and of what the kernel held', () => {
  const { status, stdout, stderr } = run(`
    let broken = false;
    const driver = createDriverOver(interceptedBinding(({ toSubmit }, enter) => (broken ? -53 : enter(toSubmit))), {});
    const [reader, writer] = pipe2();
    const reading = driver.ioUringSubmit(read(reader, Buffer.alloc(8))).catch((error) => error.code);
    await driver.ioUringSubmit(nop());
    broken = true;
    driver.ioUringSubmit(nop()).catch(() => {});
    console.log(await reading);
    await driver.close();
    write(writer, Buffer.from('late'));
    console.log(tryRead(reader, Buffer.alloc(8)), rings().length - before.length);
  `);
  assert.is(status, 0, stderr);
  assert.is(stdout, 'ERR_POLYRING_RING_FAILED\n4 0\n');
});

runWhereGranted(test);
