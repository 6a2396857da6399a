import type { BackendFactory, Driver, DriverOptions } from '@polyring/core';

/** What was counted of one kind of call. */
export interface CallCount {
  /** How often it was called. */
  readonly calls: number;
  /** How many of the calls threw. */
  readonly thrown: number;
  /** Milliseconds that the calls took together, each until it returned. */
  readonly milliseconds: number;
}

/** Counts and times calls, by names such as `timer.pollTimer`. */
export class CallLog {
  readonly #counts = new Map<string, { calls: number; thrown: number; milliseconds: number }>();

  /** What was counted so far, for each name that was called. */
  get counts(): ReadonlyMap<string, CallCount> {
    return this.#counts;
  }

  /** Makes a call, counts it and times it. */
  count<T>(name: string, call: () => T): T {
    const count = this.#counts.get(name) ?? { calls: 0, thrown: 0, milliseconds: 0 };
    this.#counts.set(name, count);
    count.calls += 1;
    const start = performance.now();
    try {
      return call();
    } catch (error) {
      count.thrown += 1;
      throw error;
    } finally {
      count.milliseconds += performance.now() - start;
    }
  }
}

/** The methods of a driver that make objects, and what these are called in the log. */
const KINDS = { newDynTimer: 'timer', newDynFdReady: 'fd', newDynSocketReady: 'socket', newDynWait: 'wait' } as const;

/**
 * A backend that does what another one does, and counts and times every call of its drivers and their objects. It goes
 * by the other one's name: use it in its place.
 */
export function countingBackend(backend: BackendFactory, log: CallLog): BackendFactory {
  return {
    name: backend.name,
    priority: backend.priority,
    minimumOpcodes: backend.minimumOpcodes,
    availability: () => log.count('backend.availability', () => backend.availability()),
    create: (options?: DriverOptions): Driver =>
      counted(
        log.count('backend.create', () => backend.create(options)),
        'driver',
        log,
      ),
  };
}

/**
 * The same object with its methods counted. A proxy hands on everything that an object has, so a capability that the
 * contract gains later is not lost here. A promise is timed until it is returned: to await it would count as handling
 * its rejection.
 */
function counted<T extends object>(object: T, kind: string, log: CallLog): T {
  const proxy: T = new Proxy(object, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const result: unknown = log.count(`${kind}.${nameOf(key)}`, () => member.apply(target, args));
        if (result === target) return proxy;
        const made = Object.hasOwn(KINDS, key) ? KINDS[key as keyof typeof KINDS] : undefined;
        return made === undefined ? result : counted(result as object, made, log);
      };
    },
  });
  return proxy;
}

function nameOf(key: string | symbol): string {
  if (key === Symbol.dispose) return 'dispose';
  return key === Symbol.asyncDispose ? 'asyncDispose' : String(key);
}
