import { notAnInteger } from '../resp/command-error.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Store } from '../store/store.js';

/** What a command works on. */
export interface Context {
  readonly store: Store;
  readonly reply: ReplyWriter;
  /** Its words, the name not among them. They are views: copy what is to be kept. */
  readonly args: readonly Buffer[];
  /** Ends the connection once the reply was sent. */
  quit(): void;
}

/** A command of the protocol. */
export interface Command {
  /** How many words it takes, its name among them; negative for at least so many. */
  readonly arity: number;
  run(context: Context): void;
}

/** Commands by their names, in lower case. */
export type Commands = Readonly<Record<string, Command>>;

/** A key: any bytes, one character each. */
export function keyOf(word: Buffer | undefined): string {
  return word === undefined ? '' : word.toString('latin1');
}

/** A word that is a keyword, in upper case. */
export function keywordOf(word: Buffer | undefined): string {
  return keyOf(word).toUpperCase();
}

/** @throws CommandError */
export function integerOf(word: Buffer | undefined): number {
  const text = keyOf(word);
  const value = Number(text);
  if (!/^-?\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) throw notAnInteger();
  return value;
}
