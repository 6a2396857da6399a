import { Worker } from 'node:worker_threads';
import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PRELUDE, runScript } from '../run-script.test-support.js';
import { restoreSignals, signalfd } from './signalfd.js';

/** A script's function that reads the signals that wait. */
const READ_SIGNALS = `
  const readSignals = (fd) => {
    const buffer = Buffer.alloc(16 * sys.SIGNALFD_SIGINFO_SIZE);
    const length = sys.tryRead(fd, buffer);
    return length < 0 ? [] : sys.parseSignals(buffer, length);
  };
  // Starts the threads of the pool and of the engine, which do not block signals.
  await import('node:fs/promises').then((fs) => fs.readFile('/proc/self/status'));
`;

test('a signal to the process is read from the descriptor, with its sender, whatever thread the kernel picks', async () => {
  const result = await runScript(`${READ_SIGNALS}
    const fd = sys.signalfd(['SIGUSR2', 'SIGTERM', 'SIGHUP']);
    let rounds = 0;
    const watch = new sys.LoopWatch(fd, () => {
      for (const { signal, pid } of readSignals(fd)) {
        if (rounds === 0) console.log(signal, pid === process.pid);
        if (signal !== 'SIGUSR2' || ++rounds === 100) watch.close();
        else process.kill(process.pid, 'SIGUSR2');
      }
    });
    watch.hold();
    process.kill(process.pid, 'SIGUSR2');
    process.on('exit', () => console.log(rounds));
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'SIGUSR2 true\n100\n', stderr: '' });
});

test('a signal from another process is read, with that process', async () => {
  const result = await runScript(`${READ_SIGNALS}
    import { spawn } from 'node:child_process';
    const fd = sys.signalfd(['SIGTERM']);
    const watch = new sys.LoopWatch(fd, () => {
      for (const { signal, pid, uid } of readSignals(fd)) {
        console.log(signal, pid === child.pid, uid === process.getuid());
        watch.close();
      }
    });
    watch.hold();
    const child = spawn('/bin/sh', ['-c', 'kill -TERM $PPID']);
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'SIGTERM true true\n', stderr: '' });
});

test('signals that are given back end the process again, and those that waited are discarded', async () => {
  const result = await runScript(`${READ_SIGNALS}
    const fd = sys.signalfd(['SIGTERM']);
    process.kill(process.pid, 'SIGTERM');
    sys.restoreSignals(['SIGTERM']);
    setImmediate(() => {
      console.log(readSignals(fd).length);
      process.kill(process.pid, 'SIGTERM');
      setInterval(() => {}, 1000);
    });
  `);
  assert.equal(result, { code: null, signal: 'SIGTERM', stdout: '0\n', stderr: '' });
});

test('signals that are given back do what they did before: for process.on, for Node.js and for who ignored them', async () => {
  const result = await runScript(`
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    process.on('SIGUSR2', () => {});
    // It has Node.js listen for SIGCHLD.
    const first = spawn('/bin/cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    const taken = ['SIGPIPE', 'SIGUSR2', 'SIGCHLD'];
    for (let round = 0; round < 2; round += 1) {
      sys.signalfd(taken);
      sys.signalfd(taken);
      sys.restoreSignals(taken);
    }

    const seen = once(process, 'SIGUSR2');
    process.kill(process.pid, 'SIGUSR2');
    console.log((await seen)[0]);

    const [reader, writer] = sys.pipe2();
    sys.close(reader);
    try {
      sys.write(writer, ONE);
    } catch (error) {
      console.log(error.code);
    }

    first.stdin.end();
    console.log(...(await once(first, 'exit')));
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'SIGUSR2\nEPIPE\n0 null\n', stderr: '' });
});

test('whoever has taken a signal meanwhile keeps it when it is given back', async () => {
  const result = await runScript(`
    import { once } from 'node:events';
    sys.signalfd(['SIGUSR2']);
    const seen = once(process, 'SIGUSR2');
    sys.restoreSignals(['SIGUSR2']);
    process.kill(process.pid, 'SIGUSR2');
    const alive = setInterval(() => {}, 1000);
    console.log((await seen)[0]);
    clearInterval(alive);
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'SIGUSR2\n', stderr: '' });
});

test('a child does not inherit the blocked signals', async () => {
  const result = await runScript(`
    import { spawnSync } from 'node:child_process';
    sys.signalfd(['SIGTERM']);
    console.log(spawnSync('/bin/sh', ['-c', 'kill -TERM $$; echo survived']).signal);
  `);
  assert.equal(result, { code: 0, signal: null, stdout: 'SIGTERM\n', stderr: '' });
});

test('a worker is refused', async () => {
  const body = `${PRELUDE}
    import { parentPort } from 'node:worker_threads';
    try {
      sys.signalfd(['SIGTERM']);
    } catch (error) {
      parentPort.postMessage(error.code);
    }
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(body)}`));
  const code = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert.is(code, 'ERR_POLYRING_UNSUPPORTED');
});

test('wrong arguments are refused before anything is blocked', () => {
  for (const [code, signals] of [
    ['ERR_INVALID_ARG_TYPE', 'SIGTERM'],
    ['ERR_INVALID_ARG_TYPE', ['SIGTERM', null]],
    ['ERR_INVALID_ARG_TYPE', new Array(1)],
    ['ERR_OUT_OF_RANGE', []],
    ['ERR_INVALID_ARG_VALUE', ['SIGNONE']],
    ['ERR_INVALID_ARG_VALUE', ['SIGKILL']],
    ['ERR_INVALID_ARG_VALUE', ['SIGSTOP']],
    ['ERR_OUT_OF_RANGE', [0]],
    ['ERR_OUT_OF_RANGE', [65]],
  ] as [string, never][]) {
    throws(() => signalfd(signals), code);
    throws(() => restoreSignals(signals), code);
  }
});

test.run();
