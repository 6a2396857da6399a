import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const MODULE = new URL('packed.js', import.meta.url).href;

test('a run has packages of its own, which are found and go with it', () => {
  const code = `
    import { spawnSync } from 'node:child_process';
    import { packedProject } from '${MODULE}';
    const folder = packedProject(['launch-polyring']);
    const { stdout } = spawnSync(process.execPath, [folder + '/launch-polyring.js'], { encoding: 'utf8' });
    console.log(JSON.stringify([folder, stdout.trim()]));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  assert.is.not(stdout, '', stderr);
  const [folder, said] = JSON.parse(stdout) as [string, string];
  assert.match(said, /^(uring|epoll)$/);
  assert.not(existsSync(folder));
});

test.run();
