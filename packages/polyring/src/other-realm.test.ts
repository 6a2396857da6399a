import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runModule } from './run-process.test-support.js';

/** Loads modules in a realm of `node:vm`, with what Node.js has as globals, as test runners do. */
const LOADER = `
  import { readFileSync } from 'node:fs';
  import { createRequire, isBuiltin } from 'node:module';
  import { fileURLToPath, pathToFileURL } from 'node:url';
  import { createContext, runInContext, SourceTextModule, SyntheticModule } from 'node:vm';

  const context = createContext();
  const realm = runInContext('globalThis', context);
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
    if (!(name in realm)) Object.defineProperty(realm, name, property);
  }

  const modules = new Map();
  function load(specifier, { identifier }) {
    const url = isBuiltin(specifier) ? specifier : pathToFileURL(createRequire(identifier).resolve(specifier)).href;
    if (!modules.has(url)) modules.set(url, make(url));
    return modules.get(url);
  }
  async function make(url) {
    if (!isBuiltin(url)) return fromText(readFileSync(fileURLToPath(url), 'utf8'), url);
    const exported = Object.entries(await import(url));
    const names = exported.map(([name]) => name);
    const options = { identifier: url, context };
    return new SyntheticModule(names, function () { for (const each of exported) this.setExport(...each); }, options);
  }
  function fromText(text, url) {
    return new SourceTextModule(text, {
      identifier: url,
      context,
      initializeImportMeta: (meta) => { meta.url = url; },
      importModuleDynamically: async (specifier, referrer) => evaluated(await load(specifier, referrer)),
    });
  }
  async function evaluated(module) {
    if (module.status === 'unlinked') await module.link(load);
    await module.evaluate();
    return module;
  }
`;

/** Runs a module in a realm of its own, with a driver of each backend that there is. What is pushed to `told` is the result. */
function runInRealm<T>(body: string): Promise<readonly T[]> {
  const text = `
    import * as sys from '@polyring/sys';
    import * as polyring from 'polyring';
    const told = [];
    for (const backend of ['uring', 'epoll']) {
      const made = await polyring.createDriver({ backend, strict: true }).catch(() => undefined);
      if (made === undefined) continue;
      const { driver } = made;
      ${body}
      await driver.close();
    }
    process.stdout.write(JSON.stringify(told));
  `;
  const run = `await evaluated(fromText(${JSON.stringify(text)}, ${JSON.stringify(import.meta.url)}));`;
  return runModule(LOADER + run, {}, ['--experimental-vm-modules']);
}

function allOf<T>(told: readonly T[], expected: T): void {
  assert.ok(told.length > 0);
  for (const each of told) assert.equal(each, expected);
}

test('objects are disposed of and closed in a realm that Node.js gives no Symbol.dispose', async () => {
  const told = await runInRealm(`
    const listener = polyring.PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
    const waiting = listener.accept().catch((error) => error.code);
    await listener.close();
    const pipe = polyring.PolledPipe.pair(driver);
    for (const end of pipe) end[Symbol.dispose]();
    const file = await polyring.PolledFile.open(driver, '/dev/null');
    await file[Symbol.asyncDispose]();
    told.push([await waiting, typeof Symbol.dispose, listener[Symbol.dispose] === listener[Symbol.asyncDispose]]);
  `);
  allOf(told, ['ERR_POLYRING_DISPOSED', 'symbol', false]);
});

test('bytes, words and paths that Node.js has made are taken in another realm', async () => {
  const told = await runInRealm(`
    const path = Buffer.from('/dev/null');
    const { pathToFileURL } = await import('node:url');
    for (const each of [path, pathToFileURL('/dev/null')]) {
      await (await polyring.PolledFile.open(driver, each)).close();
      polyring.openat(each, 0);
    }
    sys.close(await sys.openInPool(path, 0));

    const listener = polyring.PolledListener.listen(driver, { address: '127.0.0.1', port: 0 });
    const bytes = Buffer.from(polyring.encodeSocketAddress(listener.localAddress));
    const client = await polyring.PolledSocket.connect(driver, { bytes });
    const server = await listener.accept();
    await client.writeAll(Buffer.from('hello'));
    const received = Buffer.alloc(5);
    await server.read(received);
    for (const each of [client, server, listener]) each[Symbol.dispose]();

    const words = [structuredClone(new Int32Array(3)), structuredClone(new Uint32Array(4))];
    words[0].set([-1, 1, 0]);
    sys.poll(words[0]);
    const set = sys.epollCreate();
    sys.epollWait(set, words[1], 1);
    sys.close(set);
    polyring.filesUpdate(words[0]);
    for (const word of words) polyring.futexWait(word, 0);
    polyring.sendmsg(0, { buffers: [path], control: [{ level: 0, type: 0, data: path }] });

    const foreign = [path instanceof Uint8Array, words[0] instanceof Int32Array, words[1] instanceof Uint32Array];
    told.push([String(received), ...foreign]);
  `);
  allOf(told, ['hello', false, false, false]);
});

test('an inbox of another thread is reached from another realm', async () => {
  const told = await runInRealm(`
    if (driver.supports.ioUring && driver.ioUring.features.remoteHandle) {
      let woken;
      const wakes = new Promise((resolve) => { woken = resolve; });
      const inbox = driver.remoteHandle(woken);
      const remote = driver.ioUring.remote(structuredClone({ ...inbox }));
      await remote.wake(7);
      told.push(await wakes);
      for (const each of [remote, inbox]) each[Symbol.dispose]();
    } else told.push(7);
  `);
  allOf(told, 7);
});

test.run();
