import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/**
 * The SHA-256 of a file, in hexadecimal, by node:crypto over a stream of node:fs.
 *
 * @param progress is told the bytes read so far
 */
export async function sha256(path: string, progress: (bytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    progress(bytes);
  }
  return hash.digest('hex');
}
