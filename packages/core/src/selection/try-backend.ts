import type { Driver } from '../contract/driver.js';
import { invalidReturnValue } from '../errors/argument-error.js';
import { type BackendSource, isBackendFactory, isDeferred, usesIoUring } from './backend-source.js';
import { checkAvailability, checkCreated } from './check-answer.js';
import type { Availability, BackendFactory, DriverOptions, Unavailable } from './factory.js';
import { type Environment, isUringDisabled, KILLED } from './kill-switch.js';
import { lacksOpcodes, refusalToCreate, refusalToLoad } from './refusal.js';

/** What a backend is tried with. */
export interface TrialTerms {
  readonly isUringDisabled: boolean;
  readonly requiredOpcodes: readonly number[];
  readonly options: DriverOptions;
}

interface Refused {
  readonly refusal: Unavailable;
}

interface Asked {
  readonly factory: BackendFactory;
}

/** How the trial of a backend ended. */
export type Trial = { readonly driver: Driver } | Refused;

/**
 * Tries one backend: loads it, asks whether it is available, makes its driver and probes the opcodes.
 * A driver that is of no use is closed again.
 *
 * @throws (rejects) an error that is a fault of the backend or of the options, and not a refusal
 */
export async function tryBackend(source: BackendSource, terms: TrialTerms): Promise<Trial> {
  const asked = await ask(source, terms.isUringDisabled);
  if ('refusal' in asked) return asked;
  const { factory } = asked;
  const created = create(factory, source.name, terms.options);
  if ('refusal' in created) return created;
  return keepIfUseful(created.driver, [...factory.minimumOpcodes, ...terms.requiredOpcodes]);
}

/**
 * Whether a backend can run here: the kill switch is heeded, then the backend is loaded and asked. No driver is made.
 *
 * @param environment where the kill switch is looked up
 * @throws (rejects) an error that is a fault of the backend and not a refusal
 */
export async function inspectBackend(source: BackendSource, environment: Environment): Promise<Availability> {
  const asked = await ask(source, isUringDisabled(environment));
  return 'refusal' in asked ? asked.refusal : { available: true };
}

async function ask(source: BackendSource, isUringDisabled: boolean): Promise<Asked | Refused> {
  if (isUringDisabled && usesIoUring(source)) return { refusal: KILLED };
  const loaded = await load(source);
  if ('refusal' in loaded) return loaded;
  const { factory } = loaded;
  if (isUringDisabled && usesIoUring(factory)) return { refusal: KILLED };
  const availability: unknown = factory.availability();
  checkAvailability(availability, source.name);
  return availability.available ? loaded : { refusal: availability };
}

async function load(source: BackendSource): Promise<Asked | Refused> {
  if (!isDeferred(source)) return { factory: source };
  try {
    const factory: unknown = await source.load();
    if (isBackendFactory(factory)) return { factory };
    throw invalidReturnValue(`"load" of the backend "${source.name}"`, 'a promise of a BackendFactory', factory);
  } catch (error) {
    const refusal = refusalToLoad(error);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

function create(factory: BackendFactory, name: string, options: DriverOptions): Trial {
  try {
    const driver: unknown = factory.create(options);
    checkCreated(driver, name);
    return { driver };
  } catch (error) {
    const refusal = refusalToCreate(error);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

async function keepIfUseful(driver: Driver, opcodes: readonly number[]): Promise<Trial> {
  let isUseful = false;
  try {
    const missing = [...new Set(opcodes)].filter((opcode) => !driver.ioUringProbe(opcode));
    isUseful = missing.length === 0;
    return isUseful ? { driver } : { refusal: lacksOpcodes(missing, driver.supports.ioUring) };
  } finally {
    if (!isUseful) await driver.close();
  }
}
