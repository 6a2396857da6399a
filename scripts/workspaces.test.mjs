import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { listWorkspaces } from './workspaces.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const FOLDERS = listWorkspaces(ROOT);

const workspaces = suite('workspaces');

workspaces('the root tsconfig.json refers to every workspace that has one, so that "npm run types" sees it', () => {
  const { references } = readJson('tsconfig.json');
  const typed = FOLDERS.filter((folder) => existsSync(path.join(folder, 'tsconfig.json')));
  assert.equal(references.map((reference) => reference.path).sort(), typed.map(shown).sort());
});

workspaces('every package is an ES module under the MIT licence for Node.js 20 and later', () => {
  for (const folder of FOLDERS.map(shown)) {
    const { type, license, engines } = readJson(`${folder}/package.json`);
    assert.equal([type, license, engines?.node], ['module', 'MIT', '>=20'], folder);
  }
});

workspaces('every package that could be published says what it publishes; the others are private', () => {
  for (const folder of FOLDERS.map(shown)) {
    const { files, private: isPrivate } = readJson(`${folder}/package.json`);
    if (folder.startsWith('packages/')) assert.ok(Array.isArray(files), `${folder} has no "files"`);
    else assert.is(isPrivate, true, `${folder} is not private`);
  }
});

workspaces(
  'every command is a file that is there before the build, as npm links what it finds when it installs',
  () => {
    for (const folder of FOLDERS) {
      for (const file of Object.values(readJson(`${shown(folder)}/package.json`).bin ?? {})) {
        assert.ok(file.startsWith('./bin/') && existsSync(path.join(folder, file)), `${shown(folder)}: ${file}`);
      }
    }
  },
);

workspaces.run();

function shown(folder) {
  return path.relative(ROOT, folder);
}

function readJson(file) {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
}
