/** The answer of a call that has to wait, as a negative error number. */
export const EAGAIN = -11;

/** The result of an operation that was cancelled, as a negative error number. */
export const ECANCELED = -125;
