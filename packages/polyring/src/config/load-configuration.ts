import { type Configuration, type Environment, resolveConfiguration, type SettingsLayer } from '@polyring/core';
import { findConfigFile, readConfigFile } from './config-file.js';
import { checkProgram, type ProgramSettings } from './config-schema.js';

/** Where configuration is looked for. */
export interface ConfigurationPlaces {
  /** The application's directory: config files are looked for and modules are resolved from here. The working directory by default. */
  readonly directory?: string | undefined;
  /** A config file to read instead of looking for one, or `false` for none. JSON, or a module: .js, .mjs or .cjs. */
  readonly configFile?: string | false | undefined;
  /** The environment variables: `process.env` by default. */
  readonly environment?: Environment | undefined;
}

/**
 * Settles the configuration: kill switch, then what the program gives, environment, config file, default.
 *
 * @throws (rejects) ERR_POLYRING_CONFIG, naming the file and the key; ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE,
 * ERR_OUT_OF_RANGE, naming the key, for what the program gives
 */
export async function loadConfiguration(
  program: ProgramSettings,
  { directory = process.cwd(), configFile, environment = process.env }: ConfigurationPlaces = {},
): Promise<Configuration> {
  return resolveConfiguration({
    program: checkProgram(program),
    environment,
    file: await configLayer(configFile, directory),
  });
}

async function configLayer(
  configFile: string | false | undefined,
  directory: string,
): Promise<SettingsLayer | undefined> {
  if (configFile === false) return undefined;
  return configFile === undefined ? findConfigFile(directory) : readConfigFile(configFile);
}
