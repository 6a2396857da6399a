import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const MODULE = new URL('packed.js', import.meta.url).href;

test('a run has packages of its own, which are found and go with it', () => {
  const code = `
    import { spawnSync } from 'node:child_process';
    import { existsSync } from 'node:fs';
    import { packedProject } from '${MODULE}';
    const folder = packedProject(['launch-polyring']);
    const { stdout } = spawnSync(process.execPath, [folder + '/launch-polyring.js'], { encoding: 'utf8' });
    console.log(JSON.stringify([folder, stdout.trim(), existsSync(folder + '/package.json')]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  assert.is.not(stdout, '', stderr);
  const [folder, said, isApplication] = JSON.parse(stdout) as [string, string, boolean];
  assert.match(said, /^(uring|epoll)$/);
  assert.ok(isApplication, 'config files of the folders above are in force');
  assert.not(existsSync(folder));
});

test.run();
