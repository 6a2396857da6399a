import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './temporary-directory.js';

const SOURCE = fileURLToPath(new URL('../native/deny-io-uring.c', import.meta.url));

/**
 * Compiles the launcher that puts a program under a seccomp filter against io_uring.
 *
 * @param answer the error of each of its calls
 * @returns the path of the launcher, which takes the program and its arguments
 */
export function compileIoUringDenial(answer = 'EPERM'): string {
  const launcher = join(temporaryDirectory(), 'deny-io-uring');
  const options = ['-Wall', '-Wextra', '-Werror', '-O1', `-DANSWER=${answer}`];
  execFileSync(process.env.CC ?? 'cc', [...options, '-o', launcher, SOURCE]);
  return launcher;
}
