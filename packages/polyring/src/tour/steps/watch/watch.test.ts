import { openDescriptors, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openDriver } from '../../open-driver.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { countCreations, FILES, type FolderWatch } from './creations.js';
import { inotifyWatch } from './inotify-watch.js';
import { watch } from './watch.js';

const { driver } = await openDriver(undefined);
let folder: TemporaryFolder;

test.after(() => driver.close());
test.before.each(() => {
  folder = new TemporaryFolder(0);
});
test.after.each(() => folder.remove());

test('every new file is reported on both sides', async () => {
  const { sides } = await watch.run({ driver, folder: folder.path, copySize: 1, progress: () => {} });
  assert.equal(
    sides.map(({ by, measures }) => [by, measures.operations]),
    [
      [`${driver.name}, inotify`, FILES],
      ['fs.watch', FILES],
    ],
  );
});

for (const [what, name, message] of [
  ['another name', () => 'other.new', /By a liar, the new file 1\.new was reported as other\.new\./],
  ['a name twice', (report) => `${Math.ceil(report / 2)}.new`, /the new file 2\.new was reported as 1\.new/],
  ['the last name twice', (report) => `${Math.min(report, FILES)}.new`, /one-more\.new was reported as 500\.new/],
] satisfies [string, (report: number) => string, RegExp][]) {
  test(`${what} fails the step, which closes the watch`, async () => {
    let reports = 0;
    let closed = 0;
    const lying: FolderWatch = {
      by: 'a liar',
      async next() {
        reports += 1;
        return name(reports);
      },
      close: () => {
        closed += 1;
      },
    };
    await rejects(
      countCreations(lying, folder.path, () => {}),
      'VerificationError',
      message,
    );
    assert.is(closed, 1);
  });
}

test('a folder that is not there cannot be watched, and no descriptor stays open', async () => {
  const open = openDescriptors();
  await rejects((async () => inotifyWatch(driver, `${folder.path}/missing`))(), 'ENOENT');
  assert.is(openDescriptors(), open);
});

test.run();
