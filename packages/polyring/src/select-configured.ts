import { type Configuration, type Selection, type SelectionRequest, selectDriver } from '@polyring/core';
import { configError } from './config/config-schema.js';

const ARGUMENT_CODES: readonly unknown[] = ['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE'];

/**
 * `selectDriver`, for a request that configuration made. The ranges of options are the backend's to know, but not which
 * file an option came from.
 *
 * @throws (rejects) as `selectDriver`, and ERR_POLYRING_CONFIG, naming the file and the key, if a backend refuses an
 * option of the config file
 */
export async function selectConfigured(
  request: SelectionRequest,
  { options }: Pick<Configuration, 'options'>,
): Promise<Selection> {
  try {
    return await selectDriver(request);
  } catch (error) {
    throw refusedOption(error, options) ?? error;
  }
}

function refusedOption(error: unknown, options: Configuration['options']): Error | undefined {
  if (!(error instanceof Error && 'code' in error && ARGUMENT_CODES.includes(error.code))) return undefined;
  const { message } = error;
  const refused = Object.entries(options).find(([key]) => message.includes(`"options.${key}"`));
  const file = refused?.[1].origin.kind === 'file' ? refused[1].origin.name : undefined;
  return file === undefined ? undefined : configError(file, message, error);
}
