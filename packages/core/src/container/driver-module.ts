import { ContainerModule, type ServiceIdentifier } from 'inversify';
import type { BackendSource } from '../selection/backend-source.js';
import { resolveConfiguration, settingsOf } from '../selection/configuration.js';
import { type SelectionRequest, selectDriver } from '../selection/select-driver.js';
import { DriverHolder } from './driver-holder.js';
import { BACKEND, DRIVER, SELECTION } from './tokens.js';

/** What is asked for, given the backends that are bound. */
export type Configure = (candidates: readonly BackendSource[]) => SelectionRequest | Promise<SelectionRequest>;

/**
 * The module that binds `DRIVER` and `SELECTION`: one driver, selected from every bound backend when it is first
 * asked for. Unbinding, or unloading the module, closes it; do so by the asynchronous forms, which wait for the end.
 *
 * @param configure what to ask `selectDriver` for. By default the environment decides (POLYRING_BACKEND); with
 * `resolveRequest` of the package `polyring` the config file does too
 */
export function driverModule(configure: Configure = byEnvironment): ContainerModule {
  const holder: ServiceIdentifier<DriverHolder> = Symbol('polyring.DriverHolder');
  return new ContainerModule(({ bind }) => {
    bind<DriverHolder>(holder)
      .toResolvedValue(
        (candidates: BackendSource[]) => new DriverHolder(async () => selectDriver(await configure(candidates))),
        [{ serviceIdentifier: BACKEND, isMultiple: true }],
      )
      .inSingletonScope()
      .onDeactivation((held: DriverHolder) => held.close());
    bind(SELECTION).toResolvedValue((held: DriverHolder) => held.open(), [holder]);
    bind(DRIVER).toResolvedValue(async (held: DriverHolder) => (await held.open()).driver, [holder]);
  });
}

function byEnvironment(candidates: readonly BackendSource[]): SelectionRequest {
  return { ...settingsOf(resolveConfiguration({ environment: process.env })), candidates };
}
