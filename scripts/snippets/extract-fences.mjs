/**
 * A code fence of a document.
 *
 * @typedef {object} Fence
 * @property {string} place The document and the line of the fence, such as `README.md:12`.
 * @property {string} document
 * @property {number} line The line of the fence; its text begins on the next one.
 * @property {string} language The first word after the fence; `typescript` is told as `ts`.
 * @property {boolean} run Whether it is to be run.
 * @property {string} [file] The file that it shows in full, together with the document's other fences of that file.
 * @property {string} [part] The file that it shows a part of.
 * @property {string} text
 */

const OPENING = /^( *)(`{3,})([^\s`]*)([^`]*)$/;

/**
 * Finds the code fences of a document.
 *
 * @param {string} markdown
 * @param {string} document The document's name.
 * @returns {{ fences: Fence[], complaints: string[] }}
 */
export function extractFences(markdown, document) {
  const fences = [];
  const complaints = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const opening = lines[at].match(OPENING);
    if (opening === null) continue;
    const [, indent, ticks, language, words] = opening;
    const place = `${document}:${at + 1}`;
    const end = lines.findIndex((line, index) => index > at && line.trim().startsWith(ticks));
    if (end === -1) return { fences, complaints: [...complaints, `${place}: the code fence is not closed`] };
    const attributes = readAttributes(words);
    if (attributes.unknown.length > 0) complaints.push(`${place}: unknown words: ${attributes.unknown.join(' ')}`);
    fences.push({
      place,
      document,
      line: at + 1,
      language: language === 'typescript' ? 'ts' : language,
      run: attributes.run,
      file: attributes.file,
      part: attributes.part,
      text: lines
        .slice(at + 1, end)
        .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
        .join('\n'),
    });
    at = end;
  }
  return { fences, complaints };
}

function readAttributes(words) {
  const attributes = { run: false, file: undefined, part: undefined, unknown: [] };
  for (const word of words.trim().split(/\s+/).filter(Boolean)) {
    if (word === 'run') attributes.run = true;
    else if (word.startsWith('file=')) attributes.file = word.slice('file='.length);
    else if (word.startsWith('part=')) attributes.part = word.slice('part='.length);
    else attributes.unknown.push(word);
  }
  return attributes;
}
