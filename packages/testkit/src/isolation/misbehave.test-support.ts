import { spawn } from 'node:child_process';
import { say } from './say.js';

/** What a test wants an isolated process to do. */
export type Misbehaviour = 'well' | 'block' | 'exit' | 'abort' | 'linger' | 'fail-late' | 'leave-a-child';

const mode = JSON.parse(process.argv[2] as string) as Misbehaviour;
console.log(`output of ${mode}`);
switch (mode) {
  case 'well':
    await say({ mode });
    break;
  case 'block':
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    break;
  case 'exit':
    process.exit(3);
    break;
  case 'abort':
    process.abort();
    break;
  case 'linger':
    setInterval(() => {}, 1000);
    await say({ mode });
    break;
  case 'fail-late':
    await say({ mode });
    throw new Error('too late to be heard');
  case 'leave-a-child': {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    child.unref();
    await say({ pid: child.pid });
    break;
  }
}
