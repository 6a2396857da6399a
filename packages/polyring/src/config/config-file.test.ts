import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { IORING_OP_READ, IORING_OP_SPLICE, type PolyringError } from '@polyring/core';
import { onlyReading, temporaryDirectory } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runModule } from '../run-process.test-support.js';
import { CONFIG_PLACES, findConfigFile, readConfigFile } from './config-file.js';

async function faultOf(promise: Promise<unknown>): Promise<PolyringError> {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (error: PolyringError) => error,
  );
  assert.is((error as PolyringError).code, 'ERR_POLYRING_CONFIG', error.message);
  return error as PolyringError;
}

test('configuration is found in every place that the guide names', async () => {
  const texts: Record<string, string> = {
    'package.json': '{ "polyring": { "backend": "epoll" } }',
    '.polyringrc': '{ "backend": "epoll" }',
    '.polyringrc.json': '{ "backend": "epoll" }',
    'polyring.config.json': '{ "backend": "epoll" }',
    'polyring.config.js': 'module.exports = { backend: "epoll" };',
    'polyring.config.mjs': 'export default { backend: "epoll" };',
    'polyring.config.cjs': 'module.exports = { backend: "epoll" };',
  };
  assert.equal(Object.keys(texts), CONFIG_PLACES);
  for (const [place, text] of Object.entries(texts)) {
    const directory = temporaryDirectory({ [place]: text });
    assert.equal(await findConfigFile(directory), {
      origin: { kind: 'file', name: join(directory, place) },
      settings: { backend: 'epoll' },
    });
  }
});

test('a module that was compiled to CommonJS is read as it was written, with or without a default export', async () => {
  const esModule = "Object.defineProperty(exports, '__esModule', { value: true });";
  for (const text of ['exports.default = { backend: "epoll" };', 'exports.backend = "epoll";']) {
    const directory = temporaryDirectory({ 'polyring.config.cjs': `${esModule} ${text}` });
    assert.equal((await findConfigFile(directory))?.settings, { backend: 'epoll' });
  }
});

test('the first place of a directory decides, and a package.json without the key decides nothing', async () => {
  const directory = temporaryDirectory({
    'package.json': { name: 'app' },
    '.polyringrc': { backend: 'epoll' },
    'polyring.config.json': { backend: 'uring' },
  });
  assert.is((await findConfigFile(directory))?.settings.backend, 'epoll');
});

test('the search goes up to the root of the application and not beyond', async () => {
  const directory = temporaryDirectory({
    '.polyringrc': { backend: 'outside' },
    'app/package.json': { name: 'app' },
    'app/src/deep/file': '',
    'configured/package.json': { polyring: { backend: 'inside' } },
    'configured/src/deep/file': '',
    'no-package/file': '',
  });
  assert.is(await findConfigFile(join(directory, 'app/src/deep')), undefined);
  assert.is((await findConfigFile(join(directory, 'configured/src/deep')))?.settings.backend, 'inside');
  assert.is(await findConfigFile(join(directory, 'no-package')), undefined);
});

test('every setting is read, opcodes by name or by number', async () => {
  const settings = {
    backend: 'epoll',
    strict: true,
    requireOpcodes: ['IORING_OP_READ', 'SPLICE', 255],
    options: { entries: 256, of_a_third_party: 'anything' },
  };
  const directory = temporaryDirectory({ '.polyringrc': settings });
  assert.equal((await findConfigFile(directory))?.settings, {
    ...settings,
    requireOpcodes: [IORING_OP_READ, IORING_OP_SPLICE, 255],
  });
});

test('a value that is not usable is an error that names the file and the key', async () => {
  const faults: readonly [config: object | string, text: string][] = [
    [{ backend: 3 }, '"backend" must be the name of a backend or of a module, not 3.'],
    [{ backend: ' ' }, `"backend" must be the name of a backend or of a module, not ' '.`],
    [{ strict: 'yes' }, `"strict" must be true or false, not 'yes'.`],
    [{ requireOpcodes: 'READ' }, `"requireOpcodes" must be a list of opcodes, not 'READ'.`],
    [
      { requireOpcodes: [22, 'REED'] },
      `"requireOpcodes[1]" must be an opcode such as "IORING_OP_READ" or 22, not 'REED'.`,
    ],
    [{ requireOpcodes: [256] }, '"requireOpcodes[0]" must be an opcode such as "IORING_OP_READ" or 22, not 256.'],
    [{ options: [] }, '"options" must be an object, not [].'],
    [{ options: { entries: 0 } }, '"options.entries" must be a whole number from 1 up, not 0.'],
    [{ options: { busyPoll: -1 } }, '"options.busyPoll" must be a whole number from 0 up, not -1.'],
    [{ options: { poolExhausted: 'maybe' } }, `"options.poolExhausted" must be "reject" or "wait", not 'maybe'.`],
    [{ bakend: 'epoll' }, 'unknown key "bakend". Known are backend, strict, requireOpcodes, options.'],
    [[], 'must hold an object, not [].'],
  ];
  for (const [config, text] of faults) {
    const directory = temporaryDirectory({ '.polyringrc.json': config });
    const { message } = await faultOf(findConfigFile(directory));
    assert.is(message, `${join(directory, '.polyringrc.json')}: ${text}`);
  }
});

test('a package.json whose key holds no object is an error that names the file and the key', async () => {
  const directory = temporaryDirectory({ 'package.json': { polyring: 'uring' } });
  const { message } = await faultOf(findConfigFile(directory));
  assert.is(message, `${join(directory, 'package.json')}: "polyring" must be an object, not 'uring'.`);
});

test('a file that cannot be parsed or whose module throws is named', async () => {
  for (const [place, text, trouble] of [
    ['.polyringrc', '{ backend: epoll }', /cannot be read: .*JSON/],
    ['package.json', '{', /cannot be read: .*JSON/],
    ['polyring.config.mjs', 'throw new Error("of the module");', /cannot be read: of the module/],
  ] as const) {
    const directory = temporaryDirectory({ [place]: text });
    const error = await faultOf(findConfigFile(directory));
    assert.ok(error.message.startsWith(`${join(directory, place)}: `), error.message);
    assert.match(error.message, trouble);
    assert.instance(error.cause, Error);
  }
});

test('the syntax error of a module is told, and not what loading it in another way says', async () => {
  for (const [place, text] of [
    ['polyring.config.mjs', 'export default { backend: ;'],
    ['polyring.config.js', 'export default { backend: ;'],
    ['polyring.config.cjs', 'module.exports = { backend: ;'],
  ] as const) {
    const directory = temporaryDirectory({ 'package.json': { type: 'module' }, [place]: text });
    const error = await faultOf(findConfigFile(directory));
    assert.is(error.message, `${join(directory, place)}: cannot be read: Unexpected token ';'`);
    assert.instance(error.cause, SyntaxError);
  }
});

test('a directory in the place of a file is named, above the start of the search too', async () => {
  const directory = temporaryDirectory({
    'package.json': { name: 'app' },
    '.polyringrc.json/file': '',
    'src/file': '',
  });
  for (const start of [directory, join(directory, 'src')]) {
    const error = await faultOf(findConfigFile(start));
    assert.ok(
      error.message.startsWith(`${join(directory, '.polyringrc.json')}: cannot be read: EISDIR`),
      error.message,
    );
    assert.is((error.cause as NodeJS.ErrnoException).code, 'EISDIR');
  }
});

/** What the search says to a user who is not root. */
function searchAsOrdinaryUser(directory: string): Promise<PolyringError> {
  return runModule<PolyringError>(
    `if (process.geteuid() === 0) process.setuid(65534);
    await polyring.loadConfiguration({}, { directory: ${JSON.stringify(directory)} }).then(
      () => console.log('{}'),
      ({ code, message }) => console.log(JSON.stringify({ code, message })),
    );`,
  );
}

test('a file that this user may not read is named', async () => {
  for (const place of CONFIG_PLACES) {
    const directory = temporaryDirectory({ [place]: '{}' });
    chmodSync(directory, 0o755);
    chmodSync(join(directory, place), 0);
    const { code, message } = await searchAsOrdinaryUser(directory);
    assert.is(code, 'ERR_POLYRING_CONFIG', message);
    assert.ok(message.startsWith(`${join(directory, place)}: cannot be read: EACCES`), message);
  }
});

test('a file in a directory that this user may not search is named, and one behind a link to there', async () => {
  const directory = temporaryDirectory({ 'private/.polyringrc': '{}', 'app/package.json': '{}' });
  const [hidden, app] = [join(directory, 'private'), join(directory, 'app')];
  symlinkSync(join(hidden, '.polyringrc'), join(app, '.polyringrc'));
  chmodSync(directory, 0o755);
  chmodSync(hidden, 0);
  for (const [start, path] of [
    [hidden, join(hidden, 'package.json')],
    [app, join(app, '.polyringrc')],
  ] as const) {
    const { code, message } = await searchAsOrdinaryUser(start);
    assert.is(code, 'ERR_POLYRING_CONFIG', message);
    assert.ok(message.startsWith(`${path}: cannot be read: EACCES`), message);
  }
});

test('a link that leads nowhere is named, above the start of the search too', async () => {
  for (const place of ['package.json', '.polyringrc', 'polyring.config.mjs']) {
    for (const [target, trouble] of [
      ['absent', 'ENOENT'],
      [place, 'ELOOP'],
    ] as const) {
      const directory = temporaryDirectory({
        'src/file': '',
        ...(place === 'package.json' ? {} : { 'package.json': '{}' }),
      });
      symlinkSync(target, join(directory, place));
      for (const start of [directory, join(directory, 'src')]) {
        const { message } = await faultOf(findConfigFile(start));
        assert.ok(message.startsWith(`${join(directory, place)}: cannot be read: ${trouble}`), message);
      }
    }
  }
});

test('one file can be read by its path', async () => {
  const directory = temporaryDirectory({ 'deploy/driver.json': { strict: true }, 'deploy/package.json': {} });
  const path = join(directory, 'deploy/driver.json');
  assert.equal(await readConfigFile(path), { origin: { kind: 'file', name: path }, settings: { strict: true } });
  assert.equal((await readConfigFile(join(directory, 'deploy/package.json'))).settings, {});
  const { message } = await faultOf(readConfigFile(join(directory, 'absent.json')));
  assert.ok(message.startsWith(`${join(directory, 'absent.json')}: cannot be read: ENOENT`), message);
});

test('a file of another ending is refused with the endings that are taken', async () => {
  const directory = temporaryDirectory({ 'driver.yaml': 'strict: true', 'driver.conf': '{}' });
  for (const name of ['driver.yaml', 'driver.conf']) {
    const { message } = await faultOf(readConfigFile(join(directory, name)));
    const text = 'has an ending that is not taken. Taken are .json, .js, .mjs, .cjs, and none.';
    assert.is(message, `${join(directory, name)}: ${text}`);
  }
});

test('an empty file is refused', async () => {
  for (const place of CONFIG_PLACES) {
    const directory = temporaryDirectory({ [place]: '', 'sub/file': '' });
    for (const read of [() => findConfigFile(directory), () => readConfigFile(join(directory, place))]) {
      const { message } = await faultOf(read());
      assert.is(message, `${join(directory, place)}: cannot be read: The file is empty`);
    }
  }
});

/** What the search says where the permission model lets this and Polyring be read, and nothing else. */
function searchUnderPermissions(directory: string, readable: readonly string[], configFile?: string) {
  return runModule<{ code?: string; message?: string; backend?: string }>(
    `const places = { directory: ${JSON.stringify(directory)}, configFile: ${JSON.stringify(configFile)} };
    await polyring.loadConfiguration({}, { ...places, environment: {} }).then(
      ({ backend }) => console.log(JSON.stringify({ backend: backend.value })),
      ({ code, message }) => console.log(JSON.stringify({ code, message })),
    );`,
    {},
    onlyReading(...readable),
  );
}

test('a place that the permission model does not let be read is an error that names it, but above the application', async () => {
  const directory = temporaryDirectory({
    'app/package.json': { name: 'app' },
    'app/.polyringrc': { backend: 'epoll' },
    'app/src/file': '',
    'no-package/.polyringrc': { backend: 'epoll' },
  });
  const app = join(directory, 'app');
  const [config, src] = [join(app, '.polyringrc'), join(app, 'src')];
  const faults: readonly [readable: readonly string[], start: string, path: string, configFile?: string][] = [
    [[], app, join(app, 'package.json')],
    [[join(app, 'package.json')], app, config],
    [[src, join(app, 'package.json')], src, config],
    [[], app, config, config],
  ];
  for (const [readable, start, path, configFile] of faults) {
    const { code, message = '' } = await searchUnderPermissions(start, readable, configFile);
    assert.is(code, 'ERR_POLYRING_CONFIG', message);
    assert.ok(message.startsWith(`${path}: cannot be read: Access to this API has been restricted`), message);
  }
  assert.equal(await searchUnderPermissions(src, [app]), { backend: 'epoll' });
  assert.equal(await searchUnderPermissions(join(directory, 'no-package'), [join(directory, 'no-package')]), {
    backend: 'epoll',
  });
});

test('nothing is looked for by node:fs/promises, in whose calls a worker that is terminated aborts the process', async () => {
  const directory = temporaryDirectory({ 'package.json': {}, '.polyringrc': { backend: 'epoll' } });
  const layer = await runModule<{ settings: unknown }>(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    import { findConfigFile } from ${JSON.stringify(new URL('./config-file.js', import.meta.url).href)};
    for (const name of Object.keys(fs.promises)) fs.promises[name] = () => { throw new Error(name + ' was called'); };
    syncBuiltinESMExports();
    console.log(JSON.stringify(await findConfigFile(${JSON.stringify(directory)})));
  `);
  assert.equal(layer.settings, { backend: 'epoll' });
});

test.run();
