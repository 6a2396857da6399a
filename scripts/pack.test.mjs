import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pack, publishedWorkspaces } from './pack.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const packing = suite('packing');

packing('every tarball has the licence, a README that names its package, and what the package exports', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'polyring-test-'));
  try {
    const licence = readFileSync(path.join(ROOT, 'LICENSE'), 'utf8');
    const tarballs = await pack(folder);
    assert.is(tarballs.length, publishedWorkspaces().length);
    for (const tarball of tarballs) {
      const { name, exports } = JSON.parse(read(tarball, 'package.json'));
      assert.is(read(tarball, 'LICENSE'), licence, name);
      assert.ok(read(tarball, 'README.md').startsWith(`# ${name}\n`), name);
      for (const file of Object.values(exports['.'])) assert.ok(read(tarball, file).length > 0, `${name}: ${file}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

packing.run();

function read(tarball, file) {
  const args = ['-xzOf', tarball, path.join('package', file)];
  return spawnSync('tar', args, { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout;
}
