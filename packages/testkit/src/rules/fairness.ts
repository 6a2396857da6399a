import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import {
  after,
  type Driver,
  type Instant,
  InterestSlot,
  IORING_OP_NOP,
  IORING_OP_READ,
  nop,
  now,
  Pending,
  PollEvents,
  read,
} from '@polyring/core';
import { readyFor, registerFd } from '../polling/readiness.js';
import { ready } from '../polling/ready.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { ruleOf } from './rule-of.js';

const { Read } = InterestSlot;
const { IN } = PollEvents;

/** How much each bystander must get done while the driver is kept busy. */
const GOAL = 10;

/**
 * How often the driver may be busy before a bystander that has not got enough done counts as starved: more than ten times
 * as often as a fair driver has to be. Time would convict a busy machine.
 */
const STARVED = 1_000_000;

/** The same where a thousand descriptors are busy, each time with system calls. */
const STARVED_BY_DESCRIPTORS = 500_000;

/** Resolves when a bystander has got enough done. */
type Bystander = () => Promise<void>;

/** How long the driver is to be kept busy: until the bystanders are content, or it is clear that they starve. */
class Spell {
  content = false;
  #left: number;

  /** @param times how often the driver is to be busy at the most */
  constructor(times: number) {
    this.#left = times;
  }

  /** Whether the driver was busy so often that it starves the others. */
  get starves(): boolean {
    return this.#left <= 0;
  }

  /** Whether the driver is to be busy once more. */
  once(): boolean {
    this.#left -= 1;
    return !this.content && !this.starves;
  }
}

/** Ticks of an interval of Node. */
const ticks: Bystander = () =>
  new Promise((resolve) => {
    let count = 0;
    const interval = setInterval(() => {
      count += 1;
      if (count < GOAL) return;
      clearInterval(interval);
      resolve();
    }, 1);
  });

/** Messages of `node:net` that come back. */
async function echoes(context: RuleContext): Promise<Bystander> {
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createConnection(portOf(server), '127.0.0.1');
  context.fixtures.keep({ [Symbol.asyncDispose]: () => closed(server, client) });
  await once(client, 'connect');
  return async () => {
    for (let count = 0; count < GOAL; count += 1) {
      client.write('x');
      await once(client, 'data');
    }
  };
}

function portOf(server: Server): number {
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

async function closed(server: Server, client: Socket): Promise<void> {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
}

/** Waits on an eventfd, timers and readiness of a driver, each signalled when the one before was over. */
function progress(context: RuleContext, driver: Driver): Bystander {
  const signalled = context.fixtures.eventfd();
  const watched = context.fixtures.eventfd();
  const wait = context.fixtures.keep(driver.newDynWait(signalled.fd, 8));
  const readiness = context.fixtures.keep(registerFd(driver, watched.fd));
  const timer = context.fixtures.keep(driver.newDynTimer());
  return async () => {
    for (let count = 0; count < GOAL; count += 1) {
      const waiting = ready((waker) => wait.pollWait(waker));
      signalled.signal();
      await waiting;
      const watching = readyFor(readiness, Read, IN);
      watched.signal();
      await watching;
      watched.take();
      readiness.clear(Read);
      const deadline = after(0.5);
      await ready((waker) => timer.pollTimer(waker, deadline));
    }
  };
}

/** Keeps a driver busy until every bystander has got enough done. */
async function beside(
  context: RuleContext,
  driver: Driver,
  busy: (spell: Spell) => Promise<unknown>,
  times = STARVED,
): Promise<void> {
  const other = await context.createDriver();
  const bystanders = [ticks, await echoes(context), progress(context, driver), progress(context, other)];
  const spell = new Spell(times);
  const work = busy(spell);
  const all = Promise.all(bystanders.map((bystander) => bystander()));
  await Promise.race([all, work]);
  assert.ok(!spell.starves, `the driver was busy ${times} times, and the others have not got ${GOAL} things done`);
  spell.content = true;
  await Promise.all([all, work]);
}

async function busyWaits(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await beside(context, driver, async (spell) => {
    const loops = context.fixtures.eventfds(16).map(async (event) => {
      using wait = driver.newDynWait(event.fd, 8);
      while (spell.once()) {
        const waiting = ready((waker) => wait.pollWait(waker));
        event.signal();
        await waiting;
      }
    });
    await Promise.all(loops);
  });
}

async function dueTimers(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await beside(context, driver, async (spell) => {
    const byPromises = Array.from({ length: 500 }, async () => {
      using timer = driver.newDynTimer();
      while (spell.once()) {
        timer.setDeadline(after(3_600_000));
        const waiting = ready((waker) => timer.pollTimer(waker));
        timer.setDeadline(now());
        await waiting;
      }
    });
    const byWakers = Array.from({ length: 500 }, () => {
      const timer = context.fixtures.keep(driver.newDynTimer());
      return new Promise<void>((resolve) => {
        const again = (): void => {
          if (!spell.once()) {
            resolve();
            return;
          }
          timer.pollTimer(again, after(3_600_000));
          timer.setDeadline(0 as Instant);
        };
        again();
      });
    });
    await Promise.all([...byPromises, ...byWakers]);
  });
}

async function thousandReady(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await beside(
    context,
    driver,
    async (spell) => {
      const loops = context.fixtures.eventfds(1000).map(async (event) => {
        using readiness = registerFd(driver, event.fd);
        while (spell.once()) {
          const waiting = readyFor(readiness, Read, IN);
          event.signal();
          await waiting;
          event.take();
          readiness.clear(Read);
        }
      });
      await Promise.all(loops);
    },
    STARVED_BY_DESCRIPTORS,
  );
}

async function busyWakers(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await beside(
    context,
    driver,
    async (spell) => {
      const loops = context.fixtures.eventfds(1000).map((event) => {
        const readiness = context.fixtures.keep(registerFd(driver, event.fd));
        return new Promise<void>((resolve) => {
          const again = (): void => {
            if (!spell.once()) {
              resolve();
              return;
            }
            event.take();
            readiness.clear(Read);
            if (readiness.poll(again, Read, IN) === Pending) event.signal();
            else setImmediate(again);
          };
          again();
        });
      });
      await Promise.all(loops);
    },
    STARVED_BY_DESCRIPTORS,
  );
}

async function busyReads(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fd } = context.fixtures.tempFile(context.random.bytes(65_536));
  await beside(context, driver, async (spell) => {
    const loops = Array.from({ length: 4 }, async (_, index) => {
      const buffer = Buffer.alloc(4096);
      while (spell.once()) assert.equal(await driver.ioUringSubmit(read(fd, buffer, index * 4096)), 4096);
    });
    await Promise.all(loops);
  });
}

async function busyNops(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await beside(context, driver, async (spell) => {
    while (spell.once()) await driver.ioUringSubmit(nop());
  });
}

const rule = ruleOf('fairness', 'fairness', { timeLimit: 60_000 });

const BYSTANDERS = "timers of Node, node:net, the driver's other objects and a second driver get on";

/** The rules of progress beside a busy driver. Progress is counted, not timed. */
export const fairnessRules: readonly Rule[] = [
  rule('busy-waits', `Beside 16 waits that are over at once, ${BYSTANDERS}`, busyWaits),
  rule('due-timers', `Beside 1,000 timers that are due at once, ${BYSTANDERS}`, dueTimers),
  rule('thousand-ready', `Beside 1,000 descriptors that are always ready, ${BYSTANDERS}`, thousandReady),
  rule('busy-wakers', `Beside 1,000 wakers that bring their own next event, ${BYSTANDERS}`, busyWakers),
  rule('busy-reads', `Beside reads in a tight loop, ${BYSTANDERS}`, busyReads, {
    needs: 'ioUring',
    opcodes: [IORING_OP_READ],
  }),
  rule('busy-nops', `Beside submissions in a tight loop, ${BYSTANDERS}`, busyNops, {
    needs: 'ioUring',
    opcodes: [IORING_OP_NOP],
  }),
];
