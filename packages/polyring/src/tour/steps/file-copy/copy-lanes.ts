/** One of the reads and writes in flight, with a buffer of its own. */
export interface CopyLane {
  /** The lane's memory: what is read into it is written from it. */
  readonly bytes: Buffer;
  /** Reads into `view`, a part of the lane's memory. Resolves to the bytes read; 0 at the end of the file. */
  read(view: Buffer, position: number): Promise<number>;
  /** Writes from `view`, a part of the lane's memory. Resolves to the bytes written. */
  write(view: Buffer, position: number): Promise<number>;
}

/** What a copy did. */
export interface CopyResult {
  /** Reads and writes. */
  readonly operations: number;
  readonly seconds: number;
}

/**
 * Copies a file's bytes: each lane reads a chunk, writes it, and takes the next, so that
 * as many operations are in flight as there are lanes.
 *
 * When it rejects, no operation is in flight any more, and the descriptors may be closed.
 *
 * @param size bytes of the source
 * @param progress is told the bytes copied so far
 */
export async function copyInLanes(
  lanes: readonly CopyLane[],
  size: number,
  progress: (bytes: number) => void,
): Promise<CopyResult> {
  const started = performance.now();
  let next = 0;
  let copied = 0;
  let operations = 0;
  let failed = false;

  const run = async (lane: CopyLane): Promise<void> => {
    while (next < size && !failed) {
      const start = next;
      next += lane.bytes.length;
      const end = Math.min(next, size);
      for (let at = start; at < end; ) {
        const read = await lane.read(part(lane.bytes, end - at), at);
        operations += 1;
        if (read === 0) throw new Error(`The source ended at byte ${at} of ${size}.`);
        for (let written = 0; written < read; ) {
          const view = written === 0 ? part(lane.bytes, read) : lane.bytes.subarray(written, read);
          written += await lane.write(view, at + written);
          operations += 1;
        }
        at += read;
      }
      copied += end - start;
      progress(copied);
    }
  };

  const ends = await Promise.allSettled(
    lanes.map((lane) =>
      run(lane).catch((error: unknown) => {
        failed = true;
        throw error;
      }),
    ),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { operations, seconds: (performance.now() - started) / 1e3 };
}

function part(bytes: Buffer, length: number): Buffer {
  return length >= bytes.length ? bytes : bytes.subarray(0, length);
}
