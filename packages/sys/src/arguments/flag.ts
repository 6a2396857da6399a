import { checkObject, invalidArgType } from '@polyring/core';

/**
 * An option that is true or false.
 *
 * @param otherwise what it is where it is left out
 * @throws ERR_INVALID_ARG_TYPE
 */
export function flag<Name extends string>(
  options: { readonly [name in Name]?: boolean | undefined },
  name: Name,
  otherwise: boolean,
): boolean {
  checkObject(options);
  const value: unknown = options[name];
  if (value === undefined) return otherwise;
  if (typeof value !== 'boolean') throw invalidArgType(`options.${name}`, 'of type boolean', value);
  return value;
}
