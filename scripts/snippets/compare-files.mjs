import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Compares the files that documents show in full with what they are.
 *
 * @param {import('./extract-fences.mjs').Fence[]} fences Those with a `file`.
 * @param {string} root
 * @returns {string[]} A complaint for each file that differs.
 */
export function compareFiles(fences, root) {
  const groups = new Map();
  for (const fence of fences) {
    const key = `${fence.document}\n${fence.file}`;
    groups.set(key, [...(groups.get(key) ?? []), fence]);
  }
  return [...groups.values()].flatMap((group) => compareFile(group, root));
}

function compareFile(group, root) {
  const [{ place, file }] = group;
  const full = path.join(root, file);
  if (!existsSync(full)) return [`${place}: there is no file ${file}`];
  const actual = readFileSync(full, 'utf8').trimEnd().split('\n');
  const shown = group.flatMap(({ document, line, text }, index) => [
    ...(index > 0 ? [{ text: '', place: `${document}:${line}` }] : []),
    ...text.split('\n').map((each, at) => ({ text: each, place: `${document}:${line + 1 + at}` })),
  ]);
  const length = Math.max(actual.length, shown.length);
  for (let at = 0; at < length; at += 1) {
    if (actual[at] === shown[at]?.text) continue;
    const where = shown[at]?.place ?? shown.at(-1).place;
    return [
      `${where}: differs from ${file}:${at + 1}`,
      `  shown:  ${shown[at]?.text ?? 'nothing more'}`,
      `  actual: ${actual[at] ?? 'nothing more'}`,
    ].join('\n');
  }
  return [];
}
