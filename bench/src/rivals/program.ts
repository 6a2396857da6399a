import type { Sample } from '../sample.js';
import { runProgram } from './child.js';
import { compiled } from './native.js';
import type { Rival } from './rival.js';

/** A rival in C that measures itself, run anew for each measurement. */
export function program(name: string, source: string, args: readonly string[]): Rival {
  return {
    name,
    async start({ milliseconds }) {
      const binary = compiled(source);
      return {
        measure: () => runProgram<Sample>(binary, [...args, String(milliseconds)], { milliseconds }),
        close: async () => {},
      };
    },
  };
}
