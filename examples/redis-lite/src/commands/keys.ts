import { type Command, type Commands, integerOf, keyOf } from './command.js';
import { globTest } from './glob.js';

export const KEY_COMMANDS: Commands = {
  del: each((store, key) => store.delete(key)),
  unlink: each((store, key) => store.delete(key)),
  exists: each((store, key) => store.get(key) !== undefined),
  type: {
    arity: 2,
    run: ({ store, reply, args }) => {
      const value = store.get(keyOf(args[0]));
      reply.status(value === undefined ? 'none' : Array.isArray(value) ? 'list' : 'string');
    },
  },
  keys: {
    arity: 2,
    run: ({ store, reply, args }) => {
      const found = [...store.keys()].filter(globTest(keyOf(args[0])));
      reply.array(found.length);
      for (const key of found) reply.text(key);
    },
  },
  expire: expire((argument) => Date.now() + argument * 1000),
  pexpire: expire((argument) => Date.now() + argument),
  expireat: expire((argument) => argument * 1000),
  pexpireat: expire((argument) => argument),
  ttl: timeToLive(1000),
  pttl: timeToLive(1),
  persist: {
    arity: 2,
    run: ({ store, reply, args }) => {
      const key = keyOf(args[0]);
      const expires = store.expiry(key) !== undefined;
      store.setExpiry(key, undefined);
      reply.integer(expires ? 1 : 0);
    },
  },
};

/** Counts the keys for which something is so. */
function each(done: (store: Parameters<Command['run']>[0]['store'], key: string) => boolean): Command {
  return {
    arity: -2,
    run: ({ store, reply, args }) => reply.integer(args.filter((word) => done(store, keyOf(word))).length),
  };
}

function expire(moment: (argument: number) => number): Command {
  return {
    arity: 3,
    run: ({ store, reply, args }) => {
      const key = keyOf(args[0]);
      const at = moment(integerOf(args[1]));
      const exists = store.get(key) !== undefined;
      if (exists) store.setExpiry(key, at);
      reply.integer(exists ? 1 : 0);
    },
  };
}

function timeToLive(unit: number): Command {
  return {
    arity: 2,
    run: ({ store, reply, args }) => {
      const key = keyOf(args[0]);
      const at = store.expiry(key);
      if (at !== undefined) reply.integer(Math.ceil((at - Date.now()) / unit));
      else reply.integer(store.get(key) === undefined ? -2 : -1);
    },
  };
}
