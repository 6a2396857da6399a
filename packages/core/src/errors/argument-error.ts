/** A TypeError with Node's code ERR_INVALID_ARG_TYPE. */
export function invalidArgType(name: string, expected: string, actual: unknown): TypeError {
  return Object.assign(new TypeError(`The "${name}" argument must be ${expected}. Received ${received(actual)}`), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}

/** A TypeError with Node's code ERR_INVALID_RETURN_VALUE: a function of somebody else's returned what it must not. */
export function invalidReturnValue(call: string, expected: string, actual: unknown): TypeError {
  return Object.assign(new TypeError(`${call} must return ${expected}. Received ${received(actual)}`), {
    code: 'ERR_INVALID_RETURN_VALUE',
  });
}

/** The most characters of a value that a message shows. The value may be a whole file, or a secret. */
const LONGEST_SHOWN = 128;

function received(actual: unknown): string {
  if (actual === undefined || typeof actual === 'object' || typeof actual === 'function') return shown(actual);
  return `type ${typeof actual} (${shown(actual)})`;
}

/** An object may have no string of its own, and that of a function is its code. */
function shown(actual: unknown): string {
  if (typeof actual === 'function') return `function ${shown(actual.name)}`;
  if (typeof actual !== 'object' || actual === null) {
    const text = String(actual);
    return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
  }
  return `an instance of ${actual.constructor?.name ?? 'Object'}`;
}

/** A TypeError with Node's code ERR_INVALID_ARG_VALUE. */
export function invalidArgValue(name: string, expected: string, actual: unknown): TypeError {
  return Object.assign(new TypeError(`The argument "${name}" must be ${expected}. Received ${shown(actual)}`), {
    code: 'ERR_INVALID_ARG_VALUE',
  });
}

/**
 * The error for what is none of some words: ERR_INVALID_ARG_VALUE for a string, ERR_INVALID_ARG_TYPE for any other value.
 *
 * @param type what may stand there
 */
export function invalidWord(
  name: string,
  words: Iterable<unknown>,
  actual: unknown,
  type = 'of type string',
): TypeError {
  if (typeof actual !== 'string') return invalidArgType(name, type, actual);
  return invalidArgValue(name, `one of ${Array.from(words, (word) => `'${word}'`).join(', ')}`, actual);
}

/** A RangeError with Node's code ERR_OUT_OF_RANGE. */
export function outOfRange(name: string, range: string, actual: unknown): RangeError {
  return Object.assign(
    new RangeError(`The value of "${name}" is out of range. It must be ${range}. Received ${shown(actual)}`),
    {
      code: 'ERR_OUT_OF_RANGE',
    },
  );
}

/** Throws unless `value` is an integer from `minimum` to `maximum`. */
export function checkInteger(value: unknown, name: string, minimum: number, maximum: number): asserts value is number {
  if (typeof value !== 'number') throw invalidArgType(name, 'of type number', value);
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw outOfRange(name, `an integer >= ${minimum} && <= ${maximum}`, value);
  }
}

/** Throws unless `fd` is a number that may be a descriptor. */
export function checkFd(fd: unknown, name = 'fd'): asserts fd is number {
  checkInteger(fd, name, 0, 0x7fffffff);
}

/** Throws unless `value` is an object, such as one of options. */
export function checkObject(value: unknown, name = 'options'): void {
  if (typeof value !== 'object' || value === null) throw invalidArgType(name, 'an object', value);
}

/** Throws unless `value` is true or false. */
export function checkBoolean(value: unknown, name: string): asserts value is boolean {
  if (typeof value !== 'boolean') throw invalidArgType(name, 'of type boolean', value);
}

/**
 * An option that is true or false.
 *
 * @param otherwise what it is where it is left out
 * @throws ERR_INVALID_ARG_TYPE
 */
export function flag<Name extends string, Otherwise extends boolean | undefined>(
  options: { readonly [name in Name]?: boolean | undefined },
  name: Name,
  otherwise: Otherwise,
): boolean | Otherwise {
  checkObject(options);
  const value = options[name];
  if (value === undefined) return otherwise;
  checkBoolean(value, `options.${name}`);
  return value;
}

/** Throws ERR_INVALID_ARG_VALUE if there is a null byte, where a path or a name ends for the kernel. */
export function checkNoNullByte(text: string | Uint8Array, name: string): void {
  if (typeof text === 'string' ? !text.includes('\0') : !text.includes(0)) return;
  throw invalidArgValue(name, 'without null bytes', JSON.stringify(Buffer.from(text as string).toString()));
}
