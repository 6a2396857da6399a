/**
 * Has a child end with this process, before other `exit` listeners remove what it uses.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => void} [end] By default it is killed.
 */
export function endWithParent(child, end = () => child.kill('SIGKILL')) {
  // It could not be started, as its `error` tells.
  if (child.pid === undefined) return;
  process.prependOnceListener('exit', end);
  child.once('exit', () => process.off('exit', end));
}
