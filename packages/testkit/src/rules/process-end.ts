import assert from 'node:assert/strict';
import type { RuleContext } from '../context.js';
import type { ChildEnd } from '../fixtures/child.js';
import type { Rule } from '../rule.js';
import type { InFlightData } from '../workers/in-flight.js';

/** Runs a child in each mode at the same time, and holds each to end by itself, saying these lines. */
async function ends(context: RuleContext, modes: readonly string[], lines: readonly string[]): Promise<void> {
  const children = modes.map(async (mode): Promise<[string, ChildEnd]> => {
    return [mode, await context.fixtures.child('keep-alive', mode).end()];
  });
  for (const [mode, end] of await Promise.all(children)) {
    assert.deepEqual([end.code, end.signal, end.stderr], [0, null, ''], `${mode}: ${JSON.stringify(end)}`);
    assert.deepEqual(end.stdout.trim().split('\n'), lines, mode);
  }
}

async function keptAlive(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const kinds = ['timer', 'descriptor', 'socket', 'wait', ...(driver.supports.ioUring ? ['submission'] : [])];
  await ends(context, ['ref', 'ref-again'], [...kinds.map((kind) => `woken ${kind}`), 'ended']);
}

async function unreferenced(context: RuleContext): Promise<void> {
  await ends(context, ['unref-driver', 'unref-object', 'unref-later'], ['ended']);
}

async function idle(context: RuleContext): Promise<void> {
  await ends(context, ['idle', 'dispose', 'dispose-later'], ['ended']);
}

async function closedLetsEnd(context: RuleContext): Promise<void> {
  const end = await context.fixtures.child('keep-alive', 'close').end();
  assert.deepEqual([end.code, end.signal, end.stderr], [0, null, ''], JSON.stringify(end));
  const lines = new Set(end.stdout.trim().split('\n'));
  assert.deepEqual([...lines].sort(), ['ended', 'woken descriptor', 'woken socket', 'woken timer', 'woken wait']);
}

async function exitInWaker(context: RuleContext): Promise<void> {
  const end = await context.fixtures.child('exit-in-waker').end();
  assert.deepEqual([end.code, end.signal, end.stderr], [7, null, ''], JSON.stringify(end));
}

async function uncaught(context: RuleContext): Promise<void> {
  const end = await context.fixtures.child('throw-in-waker').end();
  assert.deepEqual([end.code, end.signal], [1, null], JSON.stringify(end));
  assert.match(end.stderr, /Error: thrown by a waker/);
}

async function worker(context: RuleContext, ending: InFlightData['ending'], exitCode: number): Promise<void> {
  const { fixtures } = context;
  for (let round = 0; round < 3; round += 1) {
    const pipes = Array.from({ length: 100 }, () => fixtures.pipe({ nonblock: false }));
    const [waits, watches, trigger] = [fixtures.eventfds(20), fixtures.eventfds(20), fixtures.eventfd()];
    const thread = fixtures.worker('in-flight', {
      pipes: pipes.map(({ reader }) => reader.fd),
      waits: waits.map(({ fd }) => fd),
      watches: watches.map(({ fd }) => fd),
      trigger: trigger.fd,
      ending,
    });
    assert.equal(await thread.message(), 'in flight');
    if (ending === 'terminate') await thread.terminate();
    else trigger.signal();
    assert.equal(await thread.exit(), exitCode, String(thread.error));
    if (ending === 'throw') assert.match(String(thread.error), /thrown by a waker/);
    else assert.equal(thread.error, undefined);
    for (const event of [...waits, ...watches]) {
      event.signal();
      assert.equal(event.take(), 1n, 'a driver whose thread has ended consumed a signal');
    }
    for (const { writer } of pipes) writer.write(Buffer.from('x'));
    for (const { reader } of pipes) assert.equal(reader.read(1)?.toString(), 'x', 'a byte was read by an ended thread');
  }
}

const rule = (name: string, expectation: string, check: Rule['check']): Rule => ({
  id: `lifecycle.${name}`,
  class: 'required',
  section: 'lifecycle',
  expectation,
  timeLimit: 20_000,
  check,
});

/** The rules of processes and threads that a driver keeps alive, lets end, or is ended with. */
export const processEndRules: readonly Rule[] = [
  rule('ref-keeps-alive', 'A pending object keeps the process alive until its event', keptAlive),
  rule('unref-lets-end', 'An unreferenced driver or object lets the process end', unreferenced),
  rule('idle-lets-end', 'A driver without work in flight lets the process end', idle),
  rule('close-lets-end', 'A driver that was closed lets the process end', closedLetsEnd),
  rule('exit-in-waker', 'process.exit() inside a waker ends the process with its code', exitInWaker),
  rule('uncaught-in-waker', 'A waker that throws ends a process that does not listen to uncaughtException', uncaught),
  rule('worker-terminated', 'A worker terminated with I/O in flight leaves nothing behind', (context) =>
    worker(context, 'terminate', 1),
  ),
  rule('worker-throws', 'A worker whose waker throws with I/O in flight leaves nothing behind', (context) =>
    worker(context, 'throw', 1),
  ),
  rule('worker-exits', 'A worker that calls process.exit() in a waker leaves nothing behind', (context) =>
    worker(context, 'exit', 3),
  ),
  rule(
    'worker-unreferenced',
    'A worker ends by itself when its driver is unreferenced, and leaves nothing behind',
    (context) => worker(context, 'unref', 0),
  ),
  rule('worker-closes', 'A worker ends by itself when its driver closed with I/O in flight', (context) =>
    worker(context, 'close', 0),
  ),
];
