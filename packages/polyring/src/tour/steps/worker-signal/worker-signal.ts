import { type Driver, PolledWait } from '@polyring/core';
import { close, eventfd } from '@polyring/sys';
import type { Side, TourStep } from '../../step.js';
import { countRounds, SIGNALS } from './rounds.js';

const COUNTER_SIZE = 8;

/** A worker signals an eventfd, which a consuming wait of the driver takes. */
export const workerSignal: TourStep = {
  id: 'worker-signal',
  title: 'Signals of a worker',

  async run({ driver, progress }) {
    const first = await throughEventfd(driver, (signals) => progress('an eventfd', signals / SIGNALS));
    const second = await throughPort((signals) => progress('a MessagePort', signals / SIGNALS));
    return {
      verified: `Every signal arrived once, with its number: ${SIGNALS.toLocaleString('en-US')} on each side.`,
      unit: 'signals',
      sides: [first, second],
      notes: ['The worker gives one signal, and the next when the main thread took it.'],
    };
  },
};

async function throughEventfd(driver: Driver, progress: (signals: number) => void): Promise<Side> {
  const fd = eventfd();
  try {
    const wait = new PolledWait(driver, fd, COUNTER_SIZE);
    try {
      const next = async (): Promise<number> => Number(await wait.wait());
      return await countRounds({ by: `${driver.name}, eventfd`, eventfd: fd, next }, progress);
    } finally {
      wait[Symbol.dispose]();
    }
  } finally {
    close(fd);
  }
}

function throughPort(progress: (signals: number) => void): Promise<Side> {
  const next: Parameters<typeof countRounds>[0]['next'] = (worker) =>
    new Promise((resolve) => worker.once('message', resolve));
  return countRounds({ by: 'MessagePort', eventfd: undefined, next }, progress);
}
