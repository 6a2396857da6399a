import { ContainerModule, type ServiceIdentifier } from 'inversify';
import { PolyringError } from '../errors/polyring-error.js';
import type { BackendSource } from '../selection/backend-source.js';
import { formatOrigin, resolveConfiguration, settingsOf } from '../selection/configuration.js';
import { AUTO, namesOf, type SelectionRequest, selectDriver } from '../selection/select-driver.js';
import { DriverHolder } from './driver-holder.js';
import { BACKEND, DRIVER, SELECTION } from './tokens.js';

/** What is asked for, given the backends that are bound. */
export type Configure = (candidates: readonly BackendSource[]) => SelectionRequest | Promise<SelectionRequest>;

/**
 * The module that binds `DRIVER` and `SELECTION`: one driver, selected from every bound backend when it is first
 * asked for. Unbinding, or unloading the module, closes it; do so by the asynchronous forms, which wait for the end.
 *
 * @param configure what to ask `selectDriver` for. By default the environment decides (POLYRING_BACKEND names a
 * bound backend); with `resolveRequest` of the package `polyring` the config file does too, and either may name a module
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
    // Transient whatever the container's default is: a container keeps what a singleton rejected with for ever.
    bind(SELECTION)
      .toResolvedValue((held: DriverHolder) => held.open(), [holder])
      .inTransientScope();
    bind(DRIVER)
      .toResolvedValue(async (held: DriverHolder) => (await held.open()).driver, [holder])
      .inTransientScope();
  });
}

function byEnvironment(candidates: readonly BackendSource[]): SelectionRequest {
  const configuration = resolveConfiguration({ environment: process.env });
  const { value, origin } = configuration.backend;
  const isKnown = value === AUTO || candidates.some(({ name }) => name === value);
  if (isKnown) return { ...settingsOf(configuration), candidates };
  throw new PolyringError(
    'ERR_POLYRING_CONFIG',
    `There is no backend "${value}" (${formatOrigin(origin)}). Choose one of ${namesOf(candidates)}, or have modules ` +
      'imported: by driverModule(resolveRequest), with resolveRequest of the package polyring.',
  );
}
