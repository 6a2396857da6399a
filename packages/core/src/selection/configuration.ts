import type { BackendSource } from './backend-source.js';
import type { DriverOptions } from './factory.js';
import { type Environment, isUringDisabled, KILL_SWITCH } from './kill-switch.js';
import { AUTO } from './select-driver.js';

/** What decides on a driver. */
export interface Settings {
  /** `auto`, the name of a backend, a module to take it from, or the backend itself. */
  readonly backend: string | BackendSource;
  /** Whether falling back is forbidden. */
  readonly strict: boolean;
  /** Opcodes that the driver must support. */
  readonly requireOpcodes: readonly number[];
  /** What the driver is made with. */
  readonly options: DriverOptions;
}

/** Where a value came from. */
export interface Origin {
  readonly kind: 'kill-switch' | 'constructor' | 'environment' | 'file' | 'default';
  /** The environment variable, or the file's path. */
  readonly name?: string;
}

/** A value, and where it came from. */
export interface Configured<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** The settings that one place gives. What it does not mention is left to the places below it. */
export interface SettingsLayer {
  readonly origin: Origin;
  readonly settings: { readonly [key in keyof Settings]?: Settings[key] | undefined };
}

/** Settings in force, each with its origin. */
export interface Configuration {
  readonly backend: Configured<Settings['backend']>;
  readonly strict: Configured<boolean>;
  readonly requireOpcodes: Configured<readonly number[]>;
  /** Every option that a layer gives, by its name. */
  readonly options: Readonly<Record<string, Configured<unknown>>>;
  /** Whether the kill switch forbids io_uring, whatever the others say. */
  readonly uringDisabled: Configured<boolean>;
}

/** The places that configuration comes from, besides the kill switch and the defaults. */
export interface ConfigurationSources {
  /** What the program gives. */
  readonly program?: SettingsLayer['settings'] | undefined;
  /** The environment variables. */
  readonly environment: Environment;
  /** What the config file gives. */
  readonly file?: SettingsLayer | undefined;
}

/** The environment variable that names the backend. */
const BACKEND_VARIABLE = 'POLYRING_BACKEND';

const DEFAULTS: SettingsLayer = {
  origin: { kind: 'default' },
  settings: { backend: AUTO, strict: false, requireOpcodes: [] },
};

/**
 * Settles the configuration: kill switch, then constructor, environment, config file, default. For each setting,
 * and for each of `options`, the first place that mentions it decides.
 */
export function resolveConfiguration({ program, environment, file }: ConfigurationSources): Configuration {
  const layers: readonly SettingsLayer[] = [
    { origin: { kind: 'constructor' }, settings: program ?? {} },
    environmentLayer(environment),
    ...(file === undefined ? [] : [file]),
    DEFAULTS,
  ];
  return {
    backend: first(layers, 'backend'),
    strict: first(layers, 'strict'),
    requireOpcodes: first(layers, 'requireOpcodes'),
    options: firstOptions(layers),
    uringDisabled: killSwitch(environment),
  };
}

/** The settings in force without their origins, as `selectDriver` takes them. */
export function settingsOf(configuration: Configuration): Settings {
  const { backend, strict, requireOpcodes, options } = configuration;
  return {
    backend: backend.value,
    strict: strict.value,
    requireOpcodes: requireOpcodes.value,
    options: Object.fromEntries(Object.entries(options).map(([key, { value }]) => [key, value])),
  };
}

/** An origin in words, such as `environment variable POLYRING_BACKEND`. */
export function formatOrigin({ kind, name }: Origin): string {
  switch (kind) {
    case 'constructor':
      return 'the program';
    case 'default':
      return 'default';
    case 'file':
      return `config file ${name}`;
    case 'environment':
    case 'kill-switch':
      return `environment variable ${name}`;
  }
}

function environmentLayer(environment: Environment): SettingsLayer {
  const backend = environment[BACKEND_VARIABLE]?.trim();
  return {
    origin: { kind: 'environment', name: BACKEND_VARIABLE },
    settings: backend === undefined || backend === '' ? {} : { backend },
  };
}

function killSwitch(environment: Environment): Configured<boolean> {
  return isUringDisabled(environment)
    ? { value: true, origin: { kind: 'kill-switch', name: KILL_SWITCH } }
    : { value: false, origin: DEFAULTS.origin };
}

function first<Key extends Exclude<keyof Settings, 'options'>>(
  layers: readonly SettingsLayer[],
  key: Key,
): Configured<Settings[Key]> {
  for (const { settings, origin } of layers) {
    const value = settings[key];
    if (value !== undefined) return { value: value as Settings[Key], origin };
  }
  throw new TypeError(`The setting "${key}" has no default.`);
}

function firstOptions(layers: readonly SettingsLayer[]): Record<string, Configured<unknown>> {
  const options: Record<string, Configured<unknown>> = {};
  for (const { settings, origin } of layers) {
    for (const [key, value] of Object.entries(settings.options ?? {})) {
      if (value !== undefined && !Object.hasOwn(options, key)) options[key] = { value, origin };
    }
  }
  return options;
}
