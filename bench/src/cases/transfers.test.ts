import { uringBackend } from '@polyring/backend-uring';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runCase } from '../rounds.js';
import { Workshop } from '../workshop.js';
import { transfers } from './transfers.js';

const EFFORT = { rounds: 1, warming: 0, milliseconds: 20, blocks: 256 };

const onRing = suite('transfers');
const ringTest = uringBackend.availability().available ? onRing : onRing.skip;
if (!uringBackend.availability().available) console.log('skipped: transfers, without a ring');

for (const each of transfers) {
  ringTest(`${each.name} is done and verified in every way`, async () => {
    using workshop = new Workshop(EFFORT);
    for (const { rival, samples, missing, fault } of await runCase(each, workshop, EFFORT, () => {})) {
      assert.equal([samples.length, missing, fault], [1, undefined, undefined], rival);
    }
  });
}

onRing.run();
