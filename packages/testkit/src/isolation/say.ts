/**
 * Sends the one message of an isolated process to the process that started it, which ends this one if it has gone.
 *
 * @returns resolves when the message is out; from then on nothing of this keeps the process alive
 */
export async function say(message: unknown): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.send?.(message, undefined, {}, (error) => (error === null ? resolve() : reject(error)));
  });
  process.off('disconnect', endWithParent);
  process.disconnect?.();
}

/** Ends this process when the one that started it is gone, and does not keep it alive for that. */
export function followParent(): void {
  process.once('disconnect', endWithParent);
  process.channel?.unref();
}

function endWithParent(): void {
  process.exit(1);
}
