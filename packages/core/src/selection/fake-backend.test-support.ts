import { driverFrom } from '../adapters/driver-from.js';
import type { Driver } from '../contract/driver.js';
import type { IoUringSubmit } from '../contract/io-uring/submit.js';
import { FakeParts } from '../fake-driver.test-support.js';
import type { Availability, BackendFactory, DriverOptions } from './factory.js';

/** How a fake backend behaves. */
export interface FakeBehaviour {
  readonly priority?: number;
  readonly minimumOpcodes?: readonly number[];
  /** The opcodes that its drivers support. */
  readonly opcodes?: readonly number[];
  readonly availability?: Availability;
  readonly createError?: Error;
}

/** A backend that records what it was asked, and the drivers that it made. */
export class FakeBackend implements BackendFactory {
  readonly priority: number;
  readonly minimumOpcodes: readonly number[];
  readonly drivers: Driver[] = [];
  readonly options: (DriverOptions | undefined)[] = [];
  asked = 0;
  readonly #behaviour: FakeBehaviour;

  constructor(
    readonly name: string,
    behaviour: FakeBehaviour = {},
  ) {
    this.#behaviour = behaviour;
    this.priority = behaviour.priority ?? 0;
    this.minimumOpcodes = behaviour.minimumOpcodes ?? [];
  }

  availability(): Availability {
    this.asked += 1;
    return this.#behaviour.availability ?? { available: true };
  }

  create(options?: DriverOptions): Driver {
    this.options.push(options);
    if (this.#behaviour.createError !== undefined) throw this.#behaviour.createError;
    const driver = driverFrom(new ProbedParts(this.#behaviour.opcodes ?? []));
    this.drivers.push(driver);
    return driver;
  }
}

class ProbedParts extends FakeParts {
  override readonly supports: { ioUring: boolean };
  readonly #opcodes: readonly number[];

  constructor(opcodes: readonly number[]) {
    super();
    this.#opcodes = opcodes;
    this.supports = { ioUring: opcodes.length > 0 };
  }

  override ioUringSubmitter(): IoUringSubmit {
    return { ...super.ioUringSubmitter(), probe: (opcode) => this.#opcodes.includes(opcode) };
  }
}

/** An answer of a backend that cannot run here. */
export function refused(code: string, exhausted = false, cause?: unknown): Availability {
  return {
    available: false,
    exhausted,
    code,
    reason: `The reason of ${code}.`,
    remedy: `The remedy of ${code}.`,
    ...(cause === undefined ? {} : { cause }),
  };
}
