import { stripVTControlCharacters } from 'node:util';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/** What no XML document may hold, not even escaped: https://www.w3.org/TR/xml/#charsets. */
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** An element of XML, indented by two spaces a level. */
export interface Element {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly children?: readonly Element[];
  /** Instead of children. */
  readonly text?: string;
}

/** A document of XML with this root. */
export function xmlDocument(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${render(root, '')}\n`;
}

function render({ name, attributes = {}, children = [], text }: Element, indent: string): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(String(value))}"`);
  const start = `${indent}<${name}${pairs.join('')}`;
  if (text !== undefined) return `${start}>${content(text)}</${name}>`;
  if (children.length === 0) return `${start}/>`;
  return [`${start}>`, ...children.map((child) => render(child, `${indent}  `)), `${indent}</${name}>`].join('\n');
}

function attribute(text: string): string {
  return presentable(text).replace(/[&<>"\n\r\t]/g, (character) => ENTITIES[character] as string);
}

function content(text: string): string {
  return presentable(text).replace(/[&<>\r]/g, (character) => ENTITIES[character] as string);
}

function presentable(text: string): string {
  return stripVTControlCharacters(text).replace(NOT_XML, '\uFFFD');
}
