// timeout: 300
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryDirectory } from '../test-support/dist/index.js';

const RUNNER = fileURLToPath(new URL('run-tests.mjs', import.meta.url));
const IMPORT_UVU = `import { test } from '${import.meta.resolve('uvu')}';\n`;
const PASSING = `${IMPORT_UVU}test('a', () => {});\ntest('b', () => {});\ntest.run();\n`;

const runner = suite('run-tests');

runner.before.each((context) => {
  context.folder = temporaryDirectory();
});

runner('passes a sound file and ends with the totals alone on the last line', async ({ folder }) => {
  const result = await run([write(folder, 'sound.test.mjs', PASSING)]);
  assert.is(result.code, 0, result.output);
  assert.is(result.lastLine, '2 passed, 0 failed');
  assert.match(result.output, /^ok {4}\S*sound\.test\.mjs {2}2\/2 {2}\d+ ms$/m);
});

runner('reads totals that uvu has coloured', async ({ folder }) => {
  const result = await run([write(folder, 'colour.test.mjs', PASSING)], { FORCE_COLOR: '1' });
  assert.is(result.lastLine, '2 passed, 0 failed');
});

runner('fails a failing test, counts it, and prints the whole output of the file', async ({ folder }) => {
  const text = `${IMPORT_UVU}console.error('on stderr');\ntest('a', () => {});\ntest('b', () => { throw new Error('bang'); });\ntest.run();\n`;
  const result = await run([write(folder, 'failing.test.mjs', text), write(folder, 'sound.test.mjs', PASSING)]);
  assert.is(result.code, 1);
  assert.is(result.lastLine, '3 passed, 1 failed');
  assert.match(result.output, 'bang');
  assert.match(result.output, 'on stderr');
});

const FALSE_GREENS = {
  'a throwing before': `test.before(() => { throw new Error('before'); });\ntest('a', () => {});\ntest.run();\n`,
  'a throwing after.each': `test.after.each(() => { throw new Error('after'); });\ntest('a', () => {});\ntest.run();\n`,
  'throw null': `test('a', () => { throw null; });\ntest.run();\n`,
  'a missing run()': `test('a', () => {});\n`,
  'a suite without tests': 'test.run();\n',
  'process.exit(0) before the tests have begun': `test('a', () => {});\ntest.run();\nprocess.exit(0);\n`,
};

for (const [name, text] of Object.entries(FALSE_GREENS)) {
  runner(`fails ${name}`, async ({ folder }) => {
    const file = write(folder, 'false-green.test.mjs', IMPORT_UVU + text);
    const plain = await runNode([file]);
    assert.is(plain.code, 0, 'the fixture must be one that uvu alone lets pass');
    const result = await run([file]);
    assert.is(result.code, 1, result.output);
    assert.is(result.lastLine, '0 passed, 1 failed');
  });
}

runner('fails a file that ends with another exit code although its totals are sound', async ({ folder }) => {
  const text = `${PASSING}process.on('exit', () => { process.exitCode = 3; });\n`;
  const result = await run([write(folder, 'code.test.mjs', text)]);
  assert.is(result.code, 1);
  assert.is(result.lastLine, '2 passed, 1 failed');
  assert.match(result.output, 'exit code 3');
});

runner('fails a file that a signal ends', async ({ folder }) => {
  const result = await run([write(folder, 'signal.test.mjs', `process.kill(process.pid, 'SIGKILL');\n`)]);
  assert.is(result.code, 1);
  assert.match(result.output, 'ended by SIGKILL');
});

runner('fails a file that prints the totals of somebody else besides its own', async ({ folder }) => {
  const text = `console.log('  Total:     5\\n  Passed:    5\\n  Skipped:   0\\n  Duration:  1ms');\n${PASSING}`;
  const result = await run([write(folder, 'twice.test.mjs', text)]);
  assert.is(result.code, 1);
  assert.match(result.output, '2 blocks of totals');
});

runner('fails a focused test, which silences the others', async ({ folder }) => {
  const text = `${IMPORT_UVU}test('a', () => {});\ntest.only('b', () => {});\ntest.run();\n`;
  const result = await run([write(folder, 'focused.test.mjs', text)]);
  assert.is(result.code, 1);
  assert.match(result.output, 'focused test');
});

runner('shows skipped tests beside the file and in the last line', async ({ folder }) => {
  const text = `${IMPORT_UVU}console.log('skipped: b, as it may be');\ntest('a', () => {});\ntest.skip('b', () => {});\ntest.run();\n`;
  const result = await run([write(folder, 'skipping.test.mjs', text)]);
  assert.is(result.code, 0);
  assert.match(result.output, /skipping\.test\.mjs {2}1\/1 {2}1 SKIPPED.*\n {6}skipped: b, as it may be\n/);
  assert.is(result.lastLine, '1 passed, 0 failed, 1 skipped');
});

runner('kills a file that hangs, and the processes that it started', async ({ folder }) => {
  const socket = await listen(folder);
  const hold = `import net from 'node:net';\nnet.connect('${socket.path}');\n`;
  const grandchild = write(folder, 'grandchild.mjs', hold);
  const text = `import { spawn } from 'node:child_process';\nspawn(process.execPath, ['${grandchild}']);\nfor (;;);\n`;
  const ended = run(['--timeout', '5', write(folder, 'hanging.test.mjs', text)]);
  const gone = await socket.connected();
  const result = await ended;
  assert.is(result.code, 1);
  assert.match(result.output, 'timed out after 5 s');
  await gone();
});

runner('lets a file ask for a longer timeout by a comment', async ({ folder }) => {
  const hasty = await run(['--timeout', '0.001', write(folder, 'plain.test.mjs', PASSING)]);
  assert.match(hasty.output, 'timed out');
  const patient = await run(['--timeout', '0.001', write(folder, 'asking.test.mjs', `// timeout: 60\n${PASSING}`)]);
  assert.is(patient.code, 0, patient.output);
});

runner('takes a timeout that no timer can wait for', async ({ folder }) => {
  const result = await run(['--timeout', '3000000', write(folder, 'sound.test.mjs', PASSING)]);
  assert.is(result.code, 0, result.output);
});

runner('fails a file that leaves a process behind, and ends that process', async ({ folder }) => {
  const socket = await listen(folder);
  const connect = `net.connect('${socket.path}', () => process.send('connected'));`;
  const orphan = write(folder, 'orphan.mjs', `import net from 'node:net';\n${connect}\n`);
  const lines = [
    `import { fork } from 'node:child_process';`,
    `const orphan = fork('${orphan}', { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });`,
    `await new Promise((resolve) => orphan.once('message', resolve));`,
    'orphan.disconnect();',
    'orphan.unref();',
  ];
  const ended = run([write(folder, 'leaving.test.mjs', `${lines.join('\n')}\n${PASSING}`)]);
  const gone = await socket.connected();
  const result = await ended;
  assert.is(result.code, 1, result.output);
  assert.match(result.output, 'left running');
  await gone();
});

runner('takes its running tests with it when it is ended itself', async ({ folder }) => {
  const socket = await listen(folder);
  const text = `import net from 'node:net';\nnet.connect('${socket.path}');\n`;
  const child = spawn(process.execPath, [RUNNER, write(folder, 'long.test.mjs', text)], { stdio: 'ignore' });
  const gone = await socket.connected();
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.is(code, 143);
  await gone();
});

runner('runs the files with the binary that --node names', async ({ folder }) => {
  const binary = write(folder, 'node.sh', `#!/bin/sh\nVIA_WRAPPER=1 exec '${process.execPath}' "$@"\n`);
  chmodSync(binary, 0o755);
  const text = `${IMPORT_UVU}test('a', () => { if (!process.env.VIA_WRAPPER) throw new Error('other'); });\ntest.run();\n`;
  const file = write(folder, 'binary.test.mjs', text);
  assert.is((await run([file])).code, 1);
  assert.is((await run(['--node', binary, file])).code, 0);
  assert.match((await run(['--node', path.join(folder, 'absent'), file])).output, 'could not be started');
});

runner('fails when no file matches', async ({ folder }) => {
  for (const args of [[path.join(folder, '*.test.js')], ['--root', workspace(folder)], ['--filter', 'no such file']]) {
    const result = await run(args);
    assert.is(result.code, 1, args.join(' '));
    assert.is(result.lastLine, '0 passed, 1 failed');
  }
});

runner('fails when one of several patterns matches nothing', async ({ folder }) => {
  write(folder, 'deep/er/sound.test.mjs', PASSING);
  const result = await run([path.join(folder, '**/s?und.test.mjs'), path.join(folder, '*.test.mjs')]);
  assert.is(result.code, 1);
  assert.is(result.lastLine, '2 passed, 1 failed');
});

runner('fails a file that is named and is no compiled test', async ({ folder }) => {
  const result = await run([write(folder, 'sound.test.mjs', PASSING), write(folder, 'sound.test.ts', PASSING)]);
  assert.is(result.code, 1);
  assert.is(result.lastLine, '2 passed, 1 failed');
  assert.match(result.output, /sound\.test\.ts {2}matches no test file/);
});

runner('finds the compiled tests of every workspace and those of scripts', async ({ folder }) => {
  const root = workspace(folder);
  for (const home of ['packages/one', 'conformance']) {
    write(root, `${home}/package.json`, '{ "type": "module" }');
    write(root, `${home}/src/deep/a.test.ts`, '');
    write(root, `${home}/dist/deep/a.test.js`, PASSING);
  }
  write(root, 'scripts/b.test.mjs', PASSING);
  const result = await run(['--root', root]);
  assert.is(result.lastLine, '6 passed, 0 failed', result.output);
  assert.is((await run(['--root', root, '--filter', 'conformance'])).lastLine, '2 passed, 0 failed');
});

runner('does not run a compiled test whose source was deleted', async ({ folder }) => {
  const root = workspace(folder);
  write(root, 'packages/one/package.json', '{ "type": "module" }');
  write(root, 'packages/one/src/kept.test.ts', '');
  write(root, 'packages/one/dist/kept.test.js', PASSING);
  const marker = path.join(folder, 'ran');
  const stale = `import { writeFileSync } from 'node:fs';\nwriteFileSync('${marker}', '');\n${PASSING}`;
  const file = write(root, 'packages/one/dist/deleted.test.js', stale);
  const result = await run(['--root', root]);
  assert.is(result.lastLine, '2 passed, 0 failed');
  assert.match(result.output, /^stale .*deleted\.test\.js/m);
  assert.is((await run([file])).code, 1);
  assert.not(existsSync(marker));
});

runner('fails a test source that was not compiled', async ({ folder }) => {
  const root = workspace(folder);
  write(root, 'packages/one/package.json', '{ "type": "module" }');
  write(root, 'packages/one/src/kept.test.ts', '');
  write(root, 'packages/one/dist/kept.test.js', PASSING);
  write(root, 'packages/one/src/forgotten.test.ts', '');
  const result = await run(['--root', root]);
  assert.is(result.code, 1);
  assert.is(result.lastLine, '2 passed, 1 failed');
  assert.match(result.output, 'not compiled');
});

runner('refuses an unknown option and a bad number with exit code 2', async () => {
  for (const args of [['--fast'], ['--timeout', 'soon'], ['--concurrency', '0'], ['--concurrency', '0.5']]) {
    const result = await run(args);
    assert.is(result.code, 2);
    assert.match(result.output, /^run-tests: .*/);
  }
});

runner.run();

function write(folder, name, text) {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function workspace(folder) {
  const root = path.join(folder, 'root');
  write(root, 'package.json', '{ "workspaces": ["packages/*", "conformance"] }');
  return root;
}

/** A socket by which a fixture shows that it runs (it connects) and that it has ended (the kernel disconnects it). */
async function listen(folder) {
  const socketPath = path.join(folder, 'socket');
  const server = net.createServer().listen(socketPath);
  await once(server, 'listening');
  const connected = async () => {
    const [connection] = await once(server, 'connection');
    const closed = once(connection, 'close');
    server.close();
    return () => closed;
  };
  return { path: socketPath, connected };
}

function run(args, environment = {}) {
  return runNode([RUNNER, ...args], environment);
}

async function runNode(args, environment = {}) {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...environment } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, output, lastLine: output.trimEnd().split('\n').at(-1) };
}
