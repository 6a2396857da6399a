import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Compares the parts of files that documents show with these files: the lines of each must stand there, one after the
 * other.
 *
 * @param {import('./extract-fences.mjs').Fence[]} fences Those with a `part`.
 * @param {string} root
 * @returns {string[]} A complaint for each part that differs.
 */
export function compareParts(fences, root) {
  return fences.flatMap((fence) => comparePart(fence, root));
}

function comparePart(fence, root) {
  const { document, line, place, part, text } = fence;
  const file = path.join(root, part);
  if (!existsSync(file)) return [`${place}: there is no file ${part}`];
  const actual = readFileSync(file, 'utf8').split('\n');
  const shown = text.split('\n');
  const alike = actual.map((_, start) => countAlike(shown, actual, start));
  const most = Math.max(...alike);
  if (most === shown.length) return [];
  if (most === 0) return [`${document}:${line + 1}: the first line is not in ${part}`];
  const at = alike.indexOf(most) + most;
  return [
    [
      `${document}:${line + 1 + most}: differs from ${part}:${at + 1}`,
      `  shown:  ${shown[most]}`,
      `  actual: ${actual[at] ?? 'nothing more'}`,
    ].join('\n'),
  ];
}

/** How many lines from the first one on are those of the file from a line of it on. */
function countAlike(shown, actual, start) {
  const end = shown.findIndex((each, index) => each !== actual[start + index]);
  return end === -1 ? shown.length : end;
}
