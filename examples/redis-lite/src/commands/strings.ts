import { CommandError, notAnInteger, syntaxError } from '../resp/command-error.js';
import { type Command, type Commands, type Context, integerOf, keyOf, keywordOf } from './command.js';

/** What the options of SET say. */
interface SetOptions {
  expiry: number | undefined;
  keepTtl: boolean;
  condition: 'NX' | 'XX' | undefined;
  get: boolean;
}

/** From the word of an option to the moment that its argument means. */
const EXPIRIES: Readonly<Record<string, (argument: number) => number>> = {
  EX: (seconds) => Date.now() + seconds * 1000,
  PX: (milliseconds) => Date.now() + milliseconds,
  EXAT: (seconds) => seconds * 1000,
  PXAT: (milliseconds) => milliseconds,
};

export const STRING_COMMANDS: Commands = {
  get: {
    arity: 2,
    run: ({ store, reply, args }) => reply.bulk(store.string(keyOf(args[0]))),
  },
  set: {
    arity: -3,
    run: ({ store, reply, args }) => {
      const options = args.length > 2 ? setOptions(args) : undefined;
      const key = keyOf(args[0]);
      if (options !== undefined) {
        const old = options.get ? store.string(key) : undefined;
        const exists = options.condition === undefined || store.get(key) !== undefined;
        const refused = options.condition !== undefined && exists !== (options.condition === 'XX');
        if (options.get) reply.bulk(old);
        else if (refused) reply.bulk(undefined);
        else reply.status('OK');
        if (refused) return;
        store.set(key, Buffer.from(args[1]!), options.keepTtl);
        if (options.expiry !== undefined) store.setExpiry(key, options.expiry);
        return;
      }
      store.set(key, Buffer.from(args[1]!));
      reply.status('OK');
    },
  },
  setnx: {
    arity: 3,
    run: ({ store, reply, args }) => {
      const key = keyOf(args[0]);
      const free = store.get(key) === undefined;
      if (free) store.set(key, Buffer.from(args[1]!));
      reply.integer(free ? 1 : 0);
    },
  },
  mget: {
    arity: -2,
    run: ({ store, reply, args }) => {
      reply.array(args.length);
      for (const word of args) {
        const value = store.get(keyOf(word));
        reply.bulk(Array.isArray(value) ? undefined : value);
      }
    },
  },
  mset: {
    arity: -3,
    run: ({ store, reply, args }) => {
      if (args.length % 2 !== 0) throw new CommandError("ERR wrong number of arguments for 'mset' command");
      for (let at = 0; at < args.length; at += 2) store.set(keyOf(args[at]), Buffer.from(args[at + 1]!));
      reply.status('OK');
    },
  },
  append: {
    arity: 3,
    run: ({ store, reply, args }) => {
      const key = keyOf(args[0]);
      const value = Buffer.concat([store.string(key) ?? Buffer.alloc(0), args[1]!]);
      store.set(key, value, true);
      reply.integer(value.length);
    },
  },
  strlen: {
    arity: 2,
    run: ({ store, reply, args }) => reply.integer(store.string(keyOf(args[0]))?.length ?? 0),
  },
  incr: counter(2, () => 1),
  decr: counter(2, () => -1),
  incrby: counter(3, integerOf),
  decrby: counter(3, (word) => -integerOf(word)),
};

function setOptions(args: readonly Buffer[]): SetOptions {
  const options: SetOptions = { expiry: undefined, keepTtl: false, condition: undefined, get: false };
  for (let at = 2; at < args.length; at += 1) {
    const keyword = keywordOf(args[at]);
    const expiry = EXPIRIES[keyword];
    if (expiry !== undefined && options.expiry === undefined && !options.keepTtl && at + 1 < args.length) {
      at += 1;
      const argument = integerOf(args[at]);
      if (argument <= 0) throw new CommandError("ERR invalid expire time in 'set' command");
      options.expiry = expiry(argument);
    } else if ((keyword === 'NX' || keyword === 'XX') && options.condition === undefined) {
      options.condition = keyword;
    } else if (keyword === 'KEEPTTL' && options.expiry === undefined) options.keepTtl = true;
    else if (keyword === 'GET') options.get = true;
    else throw syntaxError();
  }
  return options;
}

function counter(arity: number, step: (word: Buffer | undefined) => number): Command {
  return {
    arity,
    run: ({ store, reply, args }: Context) => {
      const key = keyOf(args[0]);
      const by = step(args[1]);
      const old = store.string(key);
      const value = (old === undefined ? 0 : integerOf(old)) + by;
      if (!Number.isSafeInteger(value)) throw notAnInteger();
      store.set(key, Buffer.from(String(value)), true);
      reply.integer(value);
    },
  };
}
