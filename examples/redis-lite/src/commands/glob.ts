/** Stands for any number of any characters. */
const ANY = Symbol('*');

/** What a pattern asks of one character. */
type Piece = typeof ANY | ((character: string) => boolean);

/**
 * A pattern of a shell, such as `user:[0-9]*`, as a test of texts.
 *
 * A test takes no more steps than the lengths of pattern and text multiplied: no regular expression, which a client's
 * pattern could keep busy for ever.
 */
export function globTest(pattern: string): (text: string) => boolean {
  const pieces = piecesOf(pattern);
  return (text) => {
    let piece = 0;
    let at = 0;
    // The last star, and where what it stands for ends. Only that one is ever tried with a character more.
    let star = -1;
    let starEnd = 0;
    while (at < text.length) {
      const asked = pieces[piece];
      if (asked === ANY) {
        star = piece;
        starEnd = at;
        piece += 1;
      } else if (asked?.(text.charAt(at)) === true) {
        piece += 1;
        at += 1;
      } else if (star >= 0) {
        starEnd += 1;
        piece = star + 1;
        at = starEnd;
      } else return false;
    }
    return pieces.slice(piece).every((rest) => rest === ANY);
  };
}

function piecesOf(pattern: string): Piece[] {
  return Array.from(pattern.matchAll(/\\(.)|\[(\^?)((?:[^\]\\]|\\.)*)\]|(.)/gs), ([, escaped, negated, set, plain]) => {
    if (set !== undefined) return oneOf(set, negated === '^');
    if (plain === '*') return ANY;
    if (plain === '?') return () => true;
    return (character) => character === (escaped ?? plain);
  });
}

/** One of the characters and ranges in brackets, or none of them. */
function oneOf(set: string, negated: boolean): Piece {
  const ranges = Array.from(set.matchAll(/\\(.)|(.)-(.)|(.)/gs), ([, escaped, from, to, plain]) => {
    const single = escaped ?? plain ?? '';
    return [from ?? single, to ?? single].sort() as [string, string];
  });
  return (character) => ranges.some(([from, to]) => character >= from && character <= to) !== negated;
}
