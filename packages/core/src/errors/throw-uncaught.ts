/**
 * Lets `uncaughtException` see an error without unwinding whoever calls: a microtask that throws does not stop the other
 * microtasks, and a batch goes on.
 */
export function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
