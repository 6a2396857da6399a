/**
 * The answer of a poll that cannot make progress yet. After it, the latest
 * {@link Waker} given for that object and slot is called at least once when it can.
 */
export const Pending: unique symbol = Symbol.for('polyring.pending') as never;

/** The type of {@link Pending}. */
export type Pending = typeof Pending;

/** What a poll returns: the value when it is ready, {@link Pending} when it is not. Polls fail by throwing. */
export type Poll<T> = T | Pending;

/**
 * Called by a driver's drain when the object it was given for may make progress.
 *
 * A waker says "poll again", not "it is ready": spurious calls are allowed. What it
 * throws reaches `uncaughtException`, and the rest of the batch is delivered all the same.
 */
export type Waker = () => void;
