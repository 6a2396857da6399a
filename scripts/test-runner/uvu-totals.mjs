import { stripVTControlCharacters } from 'node:util';

/**
 * The closing lines of one uvu run.
 *
 * @typedef {object} UvuTotals
 * @property {number} total Tests that uvu set out to run; skipped ones are not among them.
 * @property {number} passed
 * @property {number} skipped
 */

/**
 * Reads every block of closing lines in what a test process wrote to its standard output.
 *
 * @param {string} output
 * @returns {UvuTotals[]} One entry in a sound run.
 */
export function readUvuTotals(output) {
  const blocks = stripVTControlCharacters(output).matchAll(
    /^ *Total: +(\d+)\n *Passed: +(\d+)\n *Skipped: +(\d+)\n *Duration: /gm,
  );
  return Array.from(blocks, ([, total, passed, skipped]) => ({
    total: Number(total),
    passed: Number(passed),
    skipped: Number(skipped),
  }));
}

/**
 * Says what is wrong with the closing lines of a run, whatever its exit code: uvu exits 0 after a throwing `before`,
 * a throwing `after.each`, `throw null` and a missing `.run()`.
 *
 * @param {UvuTotals[]} blocks
 * @returns {string | undefined} The complaint, or nothing if the run is sound.
 */
export function judgeUvuTotals(blocks) {
  const [totals, ...others] = blocks;
  if (totals === undefined) return 'printed no totals: is .run() missing, or did the process end early?';
  if (others.length > 0) return `printed ${blocks.length} blocks of totals instead of one`;
  if (totals.total === 0) return 'ran no test';
  if (totals.passed !== totals.total) return `${totals.passed} of ${totals.total} tests passed`;
  return undefined;
}
