import { inspect, isDeepStrictEqual } from 'node:util';

/** What a function throws. Fails the test if it throws nothing. */
export function thrownBy<E extends Error = NodeJS.ErrnoException>(body: () => unknown): E {
  let result: unknown;
  try {
    result = body();
  } catch (error) {
    return error as E;
  }
  throw new Error(`Nothing was thrown by ${body}: ${inspect(result)} was returned.`);
}

/** What a promise rejects with. Fails the test if it resolves. */
export async function rejectionOf<E extends Error = NodeJS.ErrnoException>(promise: PromiseLike<unknown>): Promise<E> {
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    return error as E;
  }
  throw new Error(`The promise did not reject: it resolved to ${inspect(result)}.`);
}

/** What an error has to have: a code, or that name, or fields. */
export type Expected = string | Readonly<Record<string, unknown>>;

/** Fails the test unless a function throws what is expected, with a text in its message. Returns the error. */
export function throws<E extends Error = NodeJS.ErrnoException>(
  body: () => unknown,
  expected: Expected,
  text?: RegExp | string,
): E {
  return checked(thrownBy<E>(body), expected, text);
}

/** Fails the test unless a promise rejects with what is expected, with a text in its message. Returns the error. */
export async function rejects<E extends Error = NodeJS.ErrnoException>(
  promise: PromiseLike<unknown>,
  expected: Expected,
  text?: RegExp | string,
): Promise<E> {
  return checked(await rejectionOf<E>(promise), expected, text);
}

function checked<E extends Error>(error: E, expected: Expected, text: RegExp | string = ''): E {
  const { name, message } = error;
  const fields = typeof expected === 'string' ? { [name === expected ? 'name' : 'code']: expected } : expected;
  for (const [key, value] of Object.entries(fields)) {
    const found: unknown = Reflect.get(error, key);
    if (!isDeepStrictEqual(found, value)) {
      const difference = `${inspect(value)} was expected as ${key}, not ${inspect(found)}`;
      throw new Error(`${difference}: ${message}`, { cause: error });
    }
  }
  const fits = typeof text === 'string' ? message.includes(text) : text.test(message);
  if (!fits) throw new Error(`${text} was expected in the message: ${message}`, { cause: error });
  return error;
}
