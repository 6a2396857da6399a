/**
 * Sends the one message of an isolated process to the process that started it.
 *
 * @returns resolves when the message is out; from then on nothing of this keeps the process alive
 */
export async function say(message: unknown): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.send?.(message, undefined, {}, (error) => (error === null ? resolve() : reject(error)));
  });
  process.disconnect?.();
}
