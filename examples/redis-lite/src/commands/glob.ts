/**
 * A pattern of a shell, such as `user:[0-9]*`, as a test of texts.
 *
 * A test takes no more steps than the lengths of pattern and text multiplied, and no memory: no regular expression, which a
 * client's pattern could keep busy for ever.
 */
export function globTest(pattern: string): (text: string) => boolean {
  const unclosed = firstUnclosed(pattern);
  return (text) => {
    let piece = 0;
    let at = 0;
    // Behind the last star, and where what it stands for ends. Only that one is ever tried with a character more.
    let star = -1;
    let starEnd = 0;
    while (at < text.length) {
      if (pattern[piece] === '*') {
        piece += 1;
        star = piece;
        starEnd = at;
        continue;
      }
      const next = behind(pattern, piece, unclosed, text.charAt(at));
      if (next > 0) {
        piece = next;
        at += 1;
      } else if (star >= 0) {
        starEnd += 1;
        piece = star;
        at = starEnd;
      } else return false;
    }
    while (pattern[piece] === '*') piece += 1;
    return piece === pattern.length;
  };
}

/** Where the pattern goes on behind what stands for one character; 0 if that does not stand for this one. */
function behind(pattern: string, at: number, unclosed: number, character: string): number {
  if (at === pattern.length) return 0;
  if (pattern[at] === '[' && at < unclosed) {
    const end = endOfSet(pattern, at);
    return isOneOf(pattern.slice(at + 1, end), character) ? end + 1 : 0;
  }
  const literal = pattern[at] === '\\' && at + 1 < pattern.length ? at + 1 : at;
  const isAny = literal === at && pattern[at] === '?';
  return isAny || pattern[literal] === character ? literal + 1 : 0;
}

/** The first bracket that none closes; the pattern's end if each is closed. It and those behind it stand for themselves. */
function firstUnclosed(pattern: string): number {
  for (let at = 0; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === '[') {
      const end = endOfSet(pattern, at);
      if (end < 0) return at;
      at = end;
    }
  }
  return pattern.length;
}

/** Where the bracket is that closes one; -1 if there is none. */
function endOfSet(pattern: string, from: number): number {
  for (let at = from + 1; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === ']') return at;
  }
  return -1;
}

/** Whether a character is one of the characters and ranges of a set, or with `^` before them none of them. */
function isOneOf(set: string, character: string): boolean {
  const negated = set.startsWith('^');
  for (let at = negated ? 1 : 0; at < set.length; at += 1) {
    let [from, to] = [set.charAt(at), set.charAt(at)];
    if (from === '\\') {
      at += 1;
      from = to = set.charAt(at);
    } else if (set[at + 1] === '-' && at + 2 < set.length) {
      at += 2;
      to = set.charAt(at);
    }
    if (from > to) [from, to] = [to, from];
    if (character >= from && character <= to) return !negated;
  }
  return negated;
}
