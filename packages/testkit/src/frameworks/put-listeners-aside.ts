const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

type Listener = (...args: unknown[]) => void;

/**
 * Does something while nobody who listens already hears of `uncaughtException` and `unhandledRejection`. Rules raise
 * such errors on purpose, and a test runner would take them for its own.
 */
export async function putListenersAside<T>(action: () => Promise<T>): Promise<T> {
  const aside = EVENTS.map((event) => ({ event, listeners: process.rawListeners(event) as Listener[] }));
  for (const { event, listeners } of aside) for (const listener of listeners) process.off(event, listener);
  try {
    return await action();
  } finally {
    for (const { event, listeners } of aside) for (const listener of listeners) process.on(event, listener);
  }
}
