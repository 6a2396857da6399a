import { runProgram } from '../processes/child.js';
import { compiled } from '../processes/native.js';
import type { Sample } from '../sample.js';
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
