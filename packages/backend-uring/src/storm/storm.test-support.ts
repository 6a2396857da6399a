import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { Entry, IORING_OP_NOP } from '@polyring/core';
import { close, pipe2 } from '@polyring/sys';
import { TemporaryDirectory } from '@polyring/test-support';
import { createDriverOver } from '../driver.js';
import { uringBackend } from '../factory.js';
import { Chance } from './chance.test-support.js';
import { faultyBinding } from './faulty-ring.test-support.js';
import { hasCode, STORM_OPERATIONS, type StormContext, type StormFiles } from './storm-operations.test-support.js';
import { Weather } from './weather.test-support.js';

const FILE_SIZE = 65_536;
const LARGEST_LIFE = 20_000;

/** Milliseconds in which at least one operation has to settle. */
const PATIENCE = 60_000;

/** What a storm was. */
export interface StormReport {
  operations: number;
  drivers: number;
  /** Drivers whose ring failed. */
  failedDrivers: number;
  /** Operations that ended with their driver. */
  endedByDriver: number;
  /** Faults by name. */
  readonly faults: Map<string, number>;
}

/**
 * Runs operations on one driver after the other, each with faults of its own between it and the kernel.
 *
 * @param seed the same seed draws the same operations and rates of faults
 * @throws what was wrong about an operation's end, or that one never ended
 */
export async function storm(seed: number, operations: number): Promise<StormReport> {
  const chance = new Chance(seed);
  const report: StormReport = { operations: 0, drivers: 0, failedDrivers: 0, endedByDriver: 0, faults: new Map() };
  const content = randomBytes(FILE_SIZE);
  const pipe = pipe2();
  const files: StormFiles = {
    file: openFileOf(content),
    content,
    sink: openSync('/dev/null', 'w'),
    pipe,
  };
  try {
    const injects = await nopsCarryResults();
    const before = openFiles();
    while (report.operations < operations) {
      await new Life(files, chance, report, injects).live(operations - report.operations);
    }
    const left = openFiles().filter((file) => !before.includes(file));
    // A ring that failed stays open for as long as the kernel does not let go of everything.
    const rings = left.filter((file) => file.endsWith('[io_uring]'));
    if (left.length > rings.length || rings.length > report.failedDrivers) {
      throw new Error(`descriptors are left behind: ${left.join(', ')}`);
    }
  } finally {
    closeSync(files.file);
    closeSync(files.sink);
    for (const fd of pipe) close(fd);
  }
  return report;
}

/** Opens a file of these bytes that has no name any more, so that nothing is left of it however the process ends. */
function openFileOf(content: Uint8Array): number {
  using directory = new TemporaryDirectory();
  writeFileSync(directory.at('file'), content);
  return openSync(directory.at('file'), 'r');
}

/** The life of one driver. */
class Life {
  readonly #chance: Chance;
  readonly #report: StormReport;
  readonly #weather: Weather;
  readonly #context: StormContext;
  readonly #limit: number;
  readonly #unsettled = new Set<Promise<void>>();
  #tellSettlement: () => void = () => {};
  #trouble: unknown;
  #settled = 0;

  constructor(files: StormFiles, chance: Chance, report: StormReport, injects: boolean) {
    this.#chance = chance;
    this.#report = report;
    this.#weather = new Weather(chance, report.faults);
    const entries = 2 ** (3 + chance.integer(8));
    const driver = createDriverOver(faultyBinding(this.#weather), {
      entries,
      completionEntries: entries * chance.of([1, 2, 4]),
      poolExhausted: 'wait',
    });
    this.#limit = 1 + chance.integer(chance.of([10, 500, 3000]));
    const { refusesRegister } = this.#weather;
    this.#context = { ...files, driver, chance, injects, refusesRegister, victims: [] };
    report.drivers += 1;
  }

  /** At most so many operations, then the driver's end. */
  async live(most: number): Promise<void> {
    const watch = this.#watch();
    try {
      await Promise.race([watch.stalled, this.#live(Math.min(most, 1 + this.#chance.integer(LARGEST_LIFE)))]);
    } catch (error) {
      // What is in flight may never end, and is not to keep the process alive.
      this.#context.driver.unref();
      throw error;
    } finally {
      watch.stop();
    }
  }

  async #live(count: number): Promise<void> {
    const { driver } = this.#context;
    for (let started = 0; started < count && !this.#weather.failed; ) {
      const batch = Math.min(count - started, 1 + this.#chance.integer(200));
      for (let index = 0; index < batch; index += 1) this.#start();
      started += batch;
      await this.#pause();
      if (this.#trouble !== undefined) throw this.#trouble;
    }
    if (this.#chance.percent(50) && !this.#weather.failed) await this.#settleAll();
    const closing = driver.close();
    await Promise.all(this.#unsettled);
    await closing;
    if (this.#weather.failed) this.#report.failedDrivers += 1;
    if (this.#trouble !== undefined) throw this.#trouble;
  }

  #start(): void {
    const [, name, start] = this.#draw();
    this.#report.operations += 1;
    const promise: Promise<void> = start(this.#context).then(
      () => this.#settle(promise),
      (error: unknown) => {
        if (this.#isEnd(error)) this.#report.endedByDriver += 1;
        else this.#trouble ??= new Error(`${name} ended wrongly`, { cause: error });
        this.#settle(promise);
      },
    );
    this.#unsettled.add(promise);
  }

  #settle(promise: Promise<void>): void {
    this.#settled += 1;
    this.#unsettled.delete(promise);
    this.#tellSettlement();
  }

  /** Resolves when the next operation settles. */
  #settlement(): Promise<void> {
    return new Promise((resolve) => {
      this.#tellSettlement = resolve;
    });
  }

  #draw(): (typeof STORM_OPERATIONS)[number] {
    let place = this.#chance.integer(100);
    const found = STORM_OPERATIONS.find(([frequency]) => {
      place -= frequency;
      return place < 0;
    });
    if (found === undefined) throw new Error('the frequencies do not add up to 100');
    return found;
  }

  async #pause(): Promise<void> {
    if (this.#unsettled.size > this.#limit) {
      this.#endVictims();
      while (this.#unsettled.size > this.#limit / 2) await this.#settlement();
    } else if (this.#chance.percent(30)) {
      await turn();
    } else if (this.#chance.percent(50)) {
      await undefined;
    }
  }

  async #settleAll(): Promise<void> {
    while (this.#unsettled.size > 0) {
      this.#endVictims();
      await this.#settlement();
    }
    const { driver } = this.#context;
    if (this.#weather.failed) return;
    const { lent, inFlight } = driver.ioUring.pool;
    if (lent + inFlight !== 0) throw new Error(`${lent} bytes lent and ${inFlight} in flight, and no operation is`);
  }

  #endVictims(): void {
    for (const { controller } of this.#context.victims.splice(0)) controller.abort();
  }

  /** Whether an error is owed to the driver's end. */
  #isEnd(error: unknown): boolean {
    if (hasCode(error, 'ERR_POLYRING_RING_FAILED')) return this.#weather.failed;
    if (!this.#context.driver.closed) return false;
    return hasCode(error, 'ERR_POLYRING_CLOSED') || hasCode(error, 'ECANCELED');
  }

  /** Rejects once nothing has settled for long. */
  #watch(): { stalled: Promise<never>; stop: () => void } {
    let timer: NodeJS.Timeout | undefined;
    const stalled = new Promise<never>((_, reject) => {
      let last = -1;
      timer = setInterval(() => {
        const names = `${this.#unsettled.size} operations have not settled`;
        if (this.#settled === last) reject(new Error(`${names} for ${PATIENCE / 1000} seconds`));
        last = this.#settled;
      }, PATIENCE);
    });
    return { stalled, stop: () => clearInterval(timer) };
  }
}

async function nopsCarryResults(): Promise<boolean> {
  const driver = uringBackend.create();
  const entry = Entry.unsafe({ opcode: IORING_OP_NOP, len: 1, opFlags: 1 });
  const result = await driver.ioUringSubmit(entry).catch(() => 0);
  await driver.close();
  return result === 1;
}

/** What each open descriptor is, in order of their numbers. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      // The descriptor of the folder itself.
      return [];
    }
  });
}
