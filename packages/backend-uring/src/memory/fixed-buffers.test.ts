import { type PolyringError, readFixed } from '@polyring/core';
import { close, pipe2, write } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ERRNO, IORING_REGISTER_BUFFERS_UPDATE, IORING_REGISTER_BUFFERS2 } from '../abi.js';
import { createDriverOver } from '../driver.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { type Faults, faultyBinding, NO_FAULTS } from '../storm/faulty-ring.test-support.js';

test('a refusal to register memory costs the operation that asked, and the next is free to ask again', async () => {
  for (const refused of [1, 2]) {
    let call = 0;
    const faults: Faults = {
      ...NO_FAULTS,
      refuseRegister: (opcode) => {
        if (opcode !== IORING_REGISTER_BUFFERS2 && opcode !== IORING_REGISTER_BUFFERS_UPDATE) return undefined;
        call += 1;
        return call === refused ? ERRNO.ENOMEM : undefined;
      },
    };
    const driver = createDriverOver(faultyBinding(faults));
    const [reader, writer] = pipe2();
    write(writer, Buffer.from('xy'));
    const refusal = await driver
      .ioUringSubmit(readFixed(reader, Buffer.alloc(1)))
      .catch((error: PolyringError) => error);
    assert.is((refusal as PolyringError).code, 'ENOMEM');
    assert.is(driver.ioUring.pool.inFlight, 0);
    assert.is(await driver.ioUringSubmit(readFixed(reader, Buffer.alloc(2))), 2);
    await driver.close();
    close(reader);
    close(writer);
  }
});

runWhereGranted(test);
