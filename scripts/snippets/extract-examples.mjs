import { extractFences } from './extract-fences.mjs';

/**
 * Finds the examples of a TypeScript source that are to be run: the fences marked `run` in its TSDoc comments. Other
 * fences there are fragments, whose surroundings the reader knows.
 *
 * @param {string} source
 * @param {string} file The source's name.
 * @returns {{ fences: import('./extract-fences.mjs').Fence[], complaints: string[] }}
 */
export function extractExamples(source, file) {
  const { fences, complaints } = extractFences(commentsOf(source), file);
  return { fences: fences.filter(({ run }) => run), complaints };
}

/** The text of the TSDoc comments, each line where it stands in the source; all other lines are empty. */
function commentsOf(source) {
  let inside = false;
  return source
    .split('\n')
    .map((line) => {
      const begins = !inside && /^\s*\/\*\*/.test(line);
      if (!inside && !begins) return '';
      inside = !line.includes('*/');
      return begins || !inside ? '' : line.replace(/^\s*\* ?/, '');
    })
    .join('\n');
}
