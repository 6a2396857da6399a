import { ArcDriver, BoxDriver, type Driver, nop } from '@polyring/core';
import { driverFor } from './shared/driver-for.js';
import { inFlight, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';

// Operations that do nothing, through a driver.

const { through, depth, milliseconds } = told<{ through: 'driver' | 'owners'; depth: number }>();
const inner = await driverFor('uring');
const driver: Driver = through === 'owners' ? new ArcDriver(new BoxDriver(inner)) : inner;

await answer(() =>
  metered(async () => {
    let errors = 0;
    const operations = await inFlight(depth, milliseconds, async (_, more) => {
      while (more()) if ((await driver.ioUringSubmit(nop())) !== 0) errors += 1;
    });
    return { operations, errors };
  }),
);
