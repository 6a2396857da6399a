import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryDirectory } from '../test-support/dist/index.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Makes a driver, and prints its name or the remedies of whoever was passed over. */
const PROGRAM = `
import { createDriver } from 'polyring';

async function main() {
  try {
    const { driver } = await createDriver();
    console.log('made ' + driver.name);
    await driver.close();
  } catch (error) {
    if (error.explanation === undefined) throw error;
    for (const { remedy } of error.explanation.candidates) console.log(remedy);
  }
}
main();
`;

const OUT = { esm: 'out.mjs', cjs: 'out.cjs' };

/** What a bundle of the program prints, line by line. */
async function run(format, options = {}) {
  const folder = temporaryDirectory();
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const outfile = path.join(folder, OUT[format]);
  await build({
    stdin: { contents: PROGRAM, resolveDir: ROOT },
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    format,
    outfile,
    ...options,
  });
  const { POLYRING_SYS_ADDON_ROOT, POLYRING_URING_ADDON_ROOT, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, [outfile], { env, encoding: 'utf8' });
  assert.is(stderr, '');
  return stdout.trimEnd().split('\n');
}

const bundling = suite('bundling');

for (const format of Object.keys(OUT)) {
  bundling(`a bundle as ${format} that has Polyring in it says how to make one without`, async () => {
    const remedies = await run(format);
    assert.is(remedies.length, 2);
    for (const remedy of remedies) assert.match(remedy, /Have the bundler leave polyring and @polyring\/\* out/);
  });
}

bundling('a bundle that leaves Polyring out makes a driver', async () => {
  const [line] = await run('esm', { packages: 'external' });
  assert.match(line, /^made /);
});

bundling.run();
