import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './temporary-directory.test-support.js';

/** Compiles the launcher that puts a program under a seccomp filter against io_uring. Returns its path. */
export function compileIoUringDenial(answer = 'EPERM'): string {
  const source = fileURLToPath(new URL('../test-support/deny-io-uring.c', import.meta.url));
  const program = join(temporaryDirectory(), 'deny-io-uring');
  execFileSync(process.env.CC ?? 'cc', [
    '-Wall',
    '-Wextra',
    '-Werror',
    '-O1',
    `-DANSWER=${answer}`,
    '-o',
    program,
    source,
  ]);
  return program;
}
