/** The answer of a call that has to wait, as a negative error number. */
export const EAGAIN = -11;
