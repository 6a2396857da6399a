import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rules } from '@polyring/testkit';
import { mutants } from '../mutants/index.js';

const HEAD = `# Which rules convict which broken drivers

Written by \`npm run test:mutants:all\`, which runs the whole kit on each broken driver of \`conformance/src/mutants\`.
The rules in bold are those that must convict the driver; \`npm run test:mutants\` holds them to it. A rule that measures,
or races, may convict in one run and not in another.

| driver | base | what it does wrong | convicted by |
|---|---|---|---|
`;

const RULES_HEAD = `
## How many of them each rule convicts

| rule | drivers |
|---|---|
`;

/** The matrix of mutants and rules, kept as Markdown. */
export class MatrixFile {
  readonly #path: string;
  /** The rules that convict each mutant, as the file tells. */
  readonly #convictions = new Map<string, readonly string[]>();

  /** Reads what is there of an earlier run. */
  constructor(path: string) {
    this.#path = path;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    for (const [, name = '', cell = ''] of text.matchAll(/^\| `([^`]+)` \| [\w-]+ \|[^|]*\|([^|]*)\|$/gm)) {
      this.#convictions.set(
        name,
        [...cell.matchAll(/`([^`]+)`/g)].map(([, id = '']) => id),
      );
    }
  }

  /** Whether a mutant has a row. */
  has(name: string): boolean {
    return this.#convictions.has(name);
  }

  /** Sets the row of a mutant and writes the file. */
  record(name: string, convictedBy: readonly string[]): void {
    this.#convictions.set(name, convictedBy);
    const rows = mutants.flatMap((mutant) => {
      const convicting = this.#convictions.get(mutant.name);
      if (convicting === undefined) return [];
      const named = mutant.convictedBy.filter((id) => convicting.includes(id)).map((id) => `**\`${id}\`**`);
      const others = convicting.filter((id) => !mutant.convictedBy.includes(id)).map((id) => `\`${id}\``);
      return [`| \`${mutant.name}\` | ${mutant.base} | ${mutant.fault} | ${[...named, ...others].join(', ')} |`];
    });
    const progress =
      rows.length < mutants.length ? `\nSo far ${rows.length} of ${mutants.length} drivers were run.\n` : '';
    const counts = rules.map(({ id }) => `| \`${id}\` | ${this.#countOf(id)} |`);
    writeFileSync(this.#path, `${HEAD}${rows.join('\n')}\n${progress}${RULES_HEAD}${counts.join('\n')}\n`);
  }

  #countOf(id: string): number {
    return mutants.filter(({ name }) => this.#convictions.get(name)?.includes(id)).length;
  }
}
