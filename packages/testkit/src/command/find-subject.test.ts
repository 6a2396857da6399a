import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryDirectory, throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CommandError } from './command-error.js';
import { findSubject } from './find-subject.js';

const project = temporaryDirectory({
  'package.json': '{ "name": "project", "exports": { "import": "./own.js" } }',
  'own.js': '',
  'lib/backend.js': '',
  'plain/package.json': '{ "name": "plain", "main": "./main.js" }',
  'plain/main.js': '',
  'node_modules/installed/package.json': '{ "exports": { "import": "./esm.js", "require": "./cjs.cjs" } }',
  'node_modules/installed/esm.js': '',
  'empty/file.txt': '',
});

const at = (path: string): string => pathToFileURL(join(project, path)).href;

test('a file is found with and without a leading dot', () => {
  for (const path of ['./lib/backend.js', 'lib/backend.js', join(project, 'lib/backend.js')]) {
    assert.is(findSubject(path, project), at('lib/backend.js'));
  }
});

test('an installed package is found with the conditions of an import', () => {
  assert.is(findSubject('installed', project), at('node_modules/installed/esm.js'));
});

test('a directory is the package in it, with exports or with a main file', () => {
  assert.is(findSubject('.', project), at('own.js'));
  assert.is(findSubject('./plain', project), at('plain/main.js'));
});

test('what is not there is refused in one line', () => {
  for (const specifier of ['./nothing.js', 'not-installed', './empty', 'installed/inner']) {
    const { message } = throws(() => findSubject(specifier, project), { constructor: CommandError, exitCode: 2 });
    assert.ok(message.startsWith(`There is no module "${specifier}". `), message);
    assert.not.ok(message.includes('\n'), message);
  }
});

test.run();
