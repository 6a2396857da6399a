/** The error of a whole write, which says how many bytes went before. It may be that of other calls too, so it is copied. */
export function withBytesWritten(error: unknown, bytesWritten: number): Error {
  return Object.assign(copyOf(error as Error), { bytesWritten });
}

/** The same error in everything but identity. */
function copyOf(error: Error): Error {
  const copy = Object.setPrototypeOf(new Error(error.message), Object.getPrototypeOf(error)) as Error;
  Object.defineProperties(copy, Object.getOwnPropertyDescriptors(error));
  // In Node.js 22 and later it is an accessor, which answers for the object that it is asked of.
  if (error.stack !== undefined) copy.stack = error.stack;
  return copy;
}
