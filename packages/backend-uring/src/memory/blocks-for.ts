import { type Attachment, byteLengthOf, type Entry } from '@polyring/core';
import type { Pool } from './pool.js';

/** The sizes of the blocks that an entry's memory takes of a pool while it is in flight: lent memory takes none. */
export function blocksFor(pool: Pool, { buffer, vectors, attached = {} }: Entry): readonly number[] {
  if (buffer !== undefined) return bounceFor(pool, [buffer]);
  if (vectors !== undefined) return bounceFor(pool, vectors);
  const { addr, off, addr3 } = attached;
  return [addr, off, addr3].flatMap((attachment) => (attachment === undefined ? [] : blocksForPiece(pool, attachment)));
}

function blocksForPiece(pool: Pool, attachment: Attachment): readonly number[] {
  switch (attachment.kind) {
    case 'bytes':
      return bounceFor(pool, [attachment.view]);
    case 'vectors':
      return bounceFor(pool, attachment.views);
    case 'struct':
      return (attachment.pointers ?? []).flatMap(({ to }) => blocksForPiece(pool, to));
  }
}

function bounceFor(pool: Pool, views: readonly ArrayBufferView[]): readonly number[] {
  const foreign = views.filter((view) => pool.arenaOf(view) === undefined);
  return foreign.length === 0 ? [] : [foreign.reduce((sum, view) => sum + byteLengthOf(view), 0)];
}
