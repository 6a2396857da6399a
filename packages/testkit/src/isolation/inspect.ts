import {
  type BackendFactory,
  checkCreated,
  type Driver,
  explainNoFactory,
  factoryOf,
  inspectBackend,
  OPCODES,
} from '@polyring/core';
import type { DriverReport } from '../report/report.js';
import { firstLine } from '../report/reported-error.js';

/** What a look at a backend found. */
export type Inspection =
  | { readonly kind: 'usable'; readonly driver: DriverReport }
  /** The module cannot be imported, or exports no factory. */
  | { readonly kind: 'no-backend'; readonly trouble: string }
  /** The backend cannot run here. */
  | { readonly kind: 'unusable'; readonly trouble: string };

/**
 * Imports a backend, asks whether it can run here, makes a driver and asks what it can do.
 *
 * @param url the module of the backend
 * @param closing is given the driver, to close it or not
 */
export async function inspectSubject(url: string, closing: (driver: Driver) => Promise<void>): Promise<Inspection> {
  let module: object;
  try {
    module = (await import(url)) as object;
  } catch (error) {
    return { kind: 'no-backend', trouble: `It cannot be imported: ${firstLine(error)}` };
  }
  const factory = factoryOf(module);
  if (factory !== undefined) return inspectFactory(factory, closing);
  return { kind: 'no-backend', trouble: explainNoFactory(module) };
}

async function inspectFactory(
  factory: BackendFactory,
  closing: (driver: Driver) => Promise<void>,
): Promise<Inspection> {
  const backend = `The backend "${factory.name}"`;
  try {
    const availability = await inspectBackend(factory, process.env);
    if (!availability.available) {
      const { code, reason, remedy } = availability;
      return { kind: 'unusable', trouble: `${backend} cannot be used here (${code}). ${reason} ${remedy}` };
    }
    const driver: unknown = factory.create();
    checkCreated(driver, factory.name);
    const report = describe(driver);
    await closing(driver);
    return { kind: 'usable', driver: report };
  } catch (error) {
    return { kind: 'unusable', trouble: `${backend} gives no driver: ${firstLine(error)}` };
  }
}

function describe(driver: Driver): DriverReport {
  const { name, supports } = driver;
  const opcodes = OPCODES.filter(({ opcode }) => driver.ioUringProbe(opcode)).map((info) => info.name);
  const features = supports.ioUring ? Object.entries(driver.ioUring.features) : [];
  const had = features.filter(([, has]) => has).map(([feature]) => feature);
  return { name, supports: { ...supports }, opcodes, features: had };
}
