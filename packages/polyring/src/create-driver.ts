import {
  type BackendSource,
  type Configuration,
  checkBackendSource,
  type DriverOptions,
  type Selection,
  type SelectionRequest,
  settingsOf,
} from '@polyring/core';
import { builtInBackends } from './built-in-backends.js';
import { checkOptions } from './check-options.js';
import { type ConfigurationPlaces, loadConfiguration } from './config/load-configuration.js';
import { resolveBackend } from './resolve-backend.js';
import { selectConfigured } from './select-configured.js';

/** What a program may say about the driver that it wants. What it leaves open is configuration. */
export interface CreateDriverOptions extends ConfigurationPlaces {
  /** `auto` (the default), `uring`, `epoll`, the name of one of `backends`, a module to import one from, or a backend. */
  readonly backend?: string | BackendSource | undefined;
  /** Forbids falling back: the backend asked for, or with `auto` the first in order, or an error. False by default. */
  readonly strict?: boolean | undefined;
  /** Opcodes of io_uring that the driver must support, such as `IORING_OP_SPLICE`, or their names, such as `'SPLICE'`. */
  readonly requireOpcodes?: readonly (number | string)[] | undefined;
  /** What the driver is made with. */
  readonly options?: DriverOptions | undefined;
  /** Backends to choose from besides Polyring's own. One that has the name of one of these stands in its place. */
  readonly backends?: readonly BackendSource[] | undefined;
}

/**
 * Makes a driver on the best backend that runs here, or on the one that configuration names.
 *
 * A value is taken from the first place that has it: the kill switch POLYRING_DISABLE_URING=1, these options, the
 * environment variable POLYRING_BACKEND, the config file, the default.
 *
 * @returns the driver, which the caller closes, and the explanation of the choice
 * @throws (rejects) ERR_POLYRING_BACKEND_UNAVAILABLE, a `BackendUnavailableError`, listing every candidate with its
 * reason and remedy; ERR_POLYRING_CONFIG; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE;
 * ERR_INVALID_RETURN_VALUE if a backend of somebody else's answers with what it may not
 *
 * @example
 * ```ts
 * const { driver, explanation } = await createDriver();
 * console.log(formatExplanation(explanation));
 * await driver.close();
 * ```
 */
export async function createDriver(options: CreateDriverOptions = {}): Promise<Selection> {
  checkOptions(options);
  const { request, configuration } = await configure(candidatesWith(options.backends ?? []), options);
  return selectConfigured(request, configuration);
}

/**
 * What `createDriver` asks `selectDriver` for, over candidates of the caller's: with all configuration applied. For
 * those who select by themselves, such as the `driverModule` of `@polyring/core/container`.
 *
 * @param candidates all backends to choose from, which is why the options take no others
 * @throws (rejects) ERR_POLYRING_CONFIG; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE
 */
export async function resolveRequest(
  candidates: readonly BackendSource[],
  options: Omit<CreateDriverOptions, 'backends'> = {},
): Promise<SelectionRequest> {
  checkOptions(options, 'backends');
  return (await configure(candidates, options)).request;
}

/** Polyring's own backends and the program's, which stand in the place of those of the same name. */
function candidatesWith(backends: readonly BackendSource[]): readonly BackendSource[] {
  for (const [index, backend] of backends.entries()) checkBackendSource(backend, `backends[${index}]`);
  const names = backends.map(({ name }) => name);
  return [...builtInBackends.filter(({ name }) => !names.includes(name)), ...backends];
}

interface Configured {
  readonly configuration: Configuration;
  readonly request: SelectionRequest;
}

async function configure(candidates: readonly BackendSource[], options: CreateDriverOptions): Promise<Configured> {
  const { directory = process.cwd(), environment = process.env, configFile, ...program } = options;
  const configuration = await loadConfiguration(program, { directory, environment, configFile });
  const backend = await resolveBackend(configuration.backend, candidates, directory);
  return { configuration, request: { ...settingsOf(configuration), backend, candidates, environment } };
}
