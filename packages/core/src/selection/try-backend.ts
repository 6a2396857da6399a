import type { Driver } from '../contract/driver.js';
import { type BackendSource, isDeferred, usesIoUring } from './backend-source.js';
import type { BackendFactory, DriverOptions, Unavailable } from './factory.js';
import { KILLED } from './kill-switch.js';
import { lacksOpcodes, refusalToCreate, refusalToLoad } from './refusal.js';

/** What a backend is tried with. */
export interface TrialTerms {
  readonly isUringDisabled: boolean;
  readonly requiredOpcodes: readonly number[];
  readonly options: DriverOptions;
}

/** How the trial of a backend ended. */
export type Trial = { readonly driver: Driver } | { readonly refusal: Unavailable };

/**
 * Tries one backend: loads it, asks whether it is available, makes its driver and probes the opcodes.
 * A driver that is of no use is closed again.
 *
 * @throws (rejects) an error that is a fault of the backend or of the options, and not a refusal
 */
export async function tryBackend(source: BackendSource, terms: TrialTerms): Promise<Trial> {
  if (terms.isUringDisabled && usesIoUring(source)) return { refusal: KILLED };
  const loaded = await load(source);
  if ('refusal' in loaded) return loaded;
  const { factory } = loaded;
  if (terms.isUringDisabled && usesIoUring(factory)) return { refusal: KILLED };
  const availability = factory.availability();
  if (!availability.available) return { refusal: availability };
  const created = create(factory, terms.options);
  if ('refusal' in created) return created;
  return keepIfUseful(created.driver, [...factory.minimumOpcodes, ...terms.requiredOpcodes]);
}

async function load(source: BackendSource): Promise<{ factory: BackendFactory } | { refusal: Unavailable }> {
  if (!isDeferred(source)) return { factory: source };
  try {
    return { factory: await source.load() };
  } catch (error) {
    const refusal = refusalToLoad(error);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

function create(factory: BackendFactory, options: DriverOptions): Trial {
  try {
    return { driver: factory.create(options) };
  } catch (error) {
    const refusal = refusalToCreate(error);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

async function keepIfUseful(driver: Driver, opcodes: readonly number[]): Promise<Trial> {
  const missing = [...new Set(opcodes)].filter((opcode) => !driver.ioUringProbe(opcode));
  if (missing.length === 0) return { driver };
  const { ioUring } = driver.supports;
  await driver.close();
  return { refusal: lacksOpcodes(missing, ioUring) };
}
