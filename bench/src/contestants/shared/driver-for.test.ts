import { rejectionOf } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MissingRival } from '../../missing-rival.js';
import { Child } from '../../processes/child.js';

const importing = (module: string): string => `await import(${JSON.stringify(import.meta.resolve(module))});`;

/** The statements that a contestant begins with. */
const CONTESTANT = `
  const { Worker } = await import('node:worker_threads');
  const { answer } = ${importing('./serve.js')}
  ${importing('./driver-for.js')}`;

const REFUSED = "Object.assign(new Error('EMFILE: refused'), { code: 'EMFILE' })";

const WORKER = `
  ${importing('./driver-for.js')}
  const { parentPort } = await import('node:worker_threads');
  parentPort.once('message', () => {
    throw ${REFUSED};
  });`;

/** Statements that start a worker, which fails when it is sent something. */
const FAILING_WORKER = `
  const worker = new Worker(new URL(${JSON.stringify(`data:text/javascript,${encodeURIComponent(WORKER)}`)}));`;

function contestant(code: string): Child {
  const args = ['--input-type=module', '-e', CONTESTANT + code, '{}'];
  return new Child(process.execPath, args, { milliseconds: 50 });
}

async function errorOf(child: Child): Promise<Error> {
  try {
    return await rejectionOf(child.answer());
  } finally {
    await child.close();
  }
}

for (const [where, before, code] of [
  ['contestant', '', `throw ${REFUSED};`],
  ['worker of a contestant', FAILING_WORKER, "worker.postMessage('fail'); await new Promise(() => {});"],
] as const) {
  test(`a ${where} that is refused something is missing`, async () => {
    const error = await errorOf(contestant(before + code));
    assert.instance(error, MissingRival);
    assert.is(error.message, 'EMFILE: refused');
  });

  test(`a ${where} that is refused something when it was ready is at fault`, async () => {
    const child = contestant(`${before} await answer(async () => { ${code} });`);
    await child.answer();
    child.ask('measure');
    const error = await errorOf(child);
    assert.not.instance(error, MissingRival);
    assert.match(error.message, /ended without an answer\..*EMFILE: refused/s);
  });
}

test.run();
