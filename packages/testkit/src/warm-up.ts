import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { Child } from './fixtures/child.js';
import type { Subject } from './subject.js';

const warmed = new Map<Subject['factory'], Promise<void>>();

/** Lets Node and the backend open what they keep open for good, so that the leak check's baseline holds it. */
export function warmUp(subject: Subject): Promise<void> {
  let warming = warmed.get(subject.factory);
  if (warming === undefined) {
    warming = warm(subject);
    warmed.set(subject.factory, warming);
  }
  return warming;
}

async function warm(subject: Subject): Promise<void> {
  void process.stdout.fd;
  void process.stderr.fd;
  await stat('.');
  const worker = new Worker('', { eval: true });
  await new Promise((resolve) => worker.once('exit', resolve));
  await new Child('sh', ['-c', ':']).end();
  await subject.factory.create().close();
}
