// To compare the whole of what is read would cost more than the read: its first and its last byte tell of most that can go wrong.

/** Has the first and the last byte be none of those that /dev/zero gives. */
export function markEnds(bytes: Uint8Array): void {
  bytes[0] = 1;
  bytes[bytes.length - 1] = 1;
}

/** Whether a read of /dev/zero has come over the marks of {@link markEnds}. */
export function areEndsZero(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[bytes.length - 1] === 0;
}
