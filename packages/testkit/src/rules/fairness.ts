import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import {
  after,
  type Driver,
  InterestSlot,
  IORING_OP_NOP,
  IORING_OP_READ,
  nop,
  now,
  Pending,
  PollEvents,
  read,
} from '@polyring/core';
import type { RuleContext } from '../context.js';
import { readyFor, registerFd } from '../polling/readiness.js';
import { ready } from '../polling/ready.js';
import type { Rule } from '../rule.js';

const SECTION = 'fairness';
const { Read } = InterestSlot;
const { IN } = PollEvents;

/** How much each bystander must get done while the driver is kept busy. */
const GOAL = 10;

/** Milliseconds, before scaling, after which a bystander that has not got enough done counts as starved. */
const STARVED = 15_000;

/** Resolves when a bystander has got enough done. */
type Bystander = () => Promise<void>;

/** How long the driver is to be kept busy: until the bystanders are content, or it is clear that they starve. */
class Spell {
  content = false;
  readonly #end: number;

  /** @param milliseconds read from the clock, as a driver that starves everybody lets no timer fire */
  constructor(milliseconds: number) {
    this.#end = now() + milliseconds;
  }

  get over(): boolean {
    return this.content || now() > this.#end;
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
async function beside(context: RuleContext, driver: Driver, busy: (spell: Spell) => Promise<unknown>): Promise<void> {
  const other = await context.createDriver();
  const bystanders = [ticks, await echoes(context), progress(context, driver), progress(context, other)];
  const spell = new Spell(STARVED * context.scale);
  const work = busy(spell);
  const all = Promise.all(bystanders.map((bystander) => bystander()));
  await Promise.race([all, work]);
  assert.ok(!spell.over, `the driver was busy for ${STARVED} ms, and the others have not got ${GOAL} things done`);
  spell.content = true;
  await Promise.all([all, work]);
}

async function busyWaits(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await beside(context, driver, async (spell) => {
    const loops = context.fixtures.eventfds(16).map(async (event) => {
      using wait = driver.newDynWait(event.fd, 8);
      while (!spell.over) {
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
    const loops = Array.from({ length: 16 }, async () => {
      using timer = driver.newDynTimer();
      while (!spell.over) {
        timer.setDeadline(after(3_600_000));
        const waiting = ready((waker) => timer.pollTimer(waker));
        timer.setDeadline(now());
        await waiting;
      }
    });
    await Promise.all(loops);
  });
}

async function thousandReady(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await beside(context, driver, async (spell) => {
    const loops = context.fixtures.eventfds(1000).map(async (event) => {
      using readiness = registerFd(driver, event.fd);
      while (!spell.over) {
        const waiting = readyFor(readiness, Read, IN);
        event.signal();
        await waiting;
        event.take();
        readiness.clear(Read);
      }
    });
    await Promise.all(loops);
  });
}

async function busyWakers(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await beside(context, driver, async (spell) => {
    const loops = context.fixtures.eventfds(1000).map((event) => {
      const readiness = context.fixtures.keep(registerFd(driver, event.fd));
      return new Promise<void>((resolve) => {
        const again = (): void => {
          if (spell.over) {
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
  });
}

async function busyReads(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fd } = context.fixtures.tempFile(context.random.bytes(65_536));
  await beside(context, driver, async (spell) => {
    const loops = Array.from({ length: 4 }, async (_, index) => {
      const buffer = Buffer.alloc(4096);
      while (!spell.over) assert.equal(await driver.ioUringSubmit(read(fd, buffer, index * 4096)), 4096);
    });
    await Promise.all(loops);
  });
}

async function busyNops(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  await beside(context, driver, async (spell) => {
    while (!spell.over) await driver.ioUringSubmit(nop());
  });
}

const rule = (name: string, expectation: string, check: Rule['check'], opcodes?: readonly number[]): Rule => ({
  id: `fairness.${name}`,
  class: 'required',
  section: SECTION,
  expectation,
  timeLimit: 20_000,
  ...(opcodes === undefined ? {} : { needs: 'ioUring', opcodes }),
  check,
});

const BYSTANDERS = "timers of Node, node:net, the driver's other objects and a second driver get on";

/** The rules of progress beside a busy driver. Progress is counted, not timed. */
export const fairnessRules: readonly Rule[] = [
  rule('busy-waits', `Beside 16 waits that are over at once, ${BYSTANDERS}`, busyWaits),
  rule('due-timers', `Beside 16 timers that are due at once, ${BYSTANDERS}`, dueTimers),
  rule('thousand-ready', `Beside 1,000 descriptors that are always ready, ${BYSTANDERS}`, thousandReady),
  rule('busy-wakers', `Beside 1,000 wakers that bring their own next event, ${BYSTANDERS}`, busyWakers),
  rule('busy-reads', `Beside reads in a tight loop, ${BYSTANDERS}`, busyReads, [IORING_OP_READ]),
  rule('busy-nops', `Beside submissions in a tight loop, ${BYSTANDERS}`, busyNops, [IORING_OP_NOP]),
];
