import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const CORE = fileURLToPath(new URL('../../../../packages/core/dist/', import.meta.url));
const OPENING = '([{<';
const CLOSING = ')]}>';

/**
 * What the declarations of @polyring/core say.
 *
 * @typedef {object} Declarations
 * @property {Map<string, Parameter[]>} builders The parameters of each builder of entries, by its name.
 * @property {Map<string, string>} types The text of each type alias, and of each interface as an intersection of object types.
 */

/**
 * A parameter of a builder, or a member of an interface.
 *
 * @typedef {object} Parameter
 * @property {string} name
 * @property {boolean} optional
 * @property {string} type
 */

/**
 * Reads them, so that a new builder is fuzzed without being listed anywhere.
 *
 * @returns {Declarations}
 */
export function readDeclarations() {
  const builders = new Map();
  const types = new Map();
  for (const file of readdirSync(CORE, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts') || file.includes('.test')) continue;
    const text = withoutComments(readFileSync(path.join(CORE, file), 'utf8'));
    for (const [, name, type] of text.matchAll(/^export type (\w+) = ((?:[^;{]|\{[^}]*\})*);$/gm))
      types.set(name, type);
    for (const [, name, bases, body] of text.matchAll(
      /^export interface (\w+)(?: extends ([^{]+?))? \{\n([\s\S]*?)^\}$/gm,
    )) {
      types.set(name, [...(bases === undefined ? [] : split(bases, ',')), `{${body}}`].join(' & '));
    }
    if (!file.startsWith('io-uring/builders/')) continue;
    for (const [, name, parameters] of text.matchAll(/^export declare function (\w+)\((.*)\): Entry;$/gm)) {
      builders.set(name, split(parameters, ',').map(readParameter));
    }
  }
  return { builders, types };
}

/** The members of an object type's text. */
export function membersOf(type) {
  return split(type.slice(1, -1), ';').map(readParameter);
}

/** Splits where `separator` stands outside of all brackets. */
export function split(text, separator) {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (OPENING.includes(character)) depth += 1;
    if (CLOSING.includes(character)) depth -= 1;
    if (character === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function readParameter(text) {
  const [, name, optional, type] = /^(?:readonly )?(\w+)(\??): ([\s\S]*)$/.exec(text);
  return { name, optional: optional === '?', type };
}

function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\n/gm, '');
}
