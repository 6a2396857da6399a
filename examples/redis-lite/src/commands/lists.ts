import { CommandError } from '../resp/command-error.js';
import { type Command, type Commands, integerOf, keyOf } from './command.js';

export const LIST_COMMANDS: Commands = {
  lpush: push('unshift'),
  rpush: push('push'),
  lpop: pop('shift'),
  rpop: pop('pop'),
  llen: {
    arity: 2,
    run: ({ store, reply, args }) => reply.integer(store.list(keyOf(args[0]))?.length ?? 0),
  },
  lindex: {
    arity: 3,
    run: ({ store, reply, args }) => reply.bulk(store.list(keyOf(args[0]))?.at(integerOf(args[1]))),
  },
  lrange: {
    arity: 4,
    run: ({ store, reply, args }) => {
      const list = store.list(keyOf(args[0])) ?? [];
      const part = list.slice(...range(integerOf(args[1]), integerOf(args[2]), list.length));
      reply.array(part.length);
      for (const value of part) reply.bulk(value);
    },
  },
  ltrim: {
    arity: 4,
    run: ({ store, reply, args }) => {
      const key = keyOf(args[0]);
      const list = store.list(key) ?? [];
      const part = list.slice(...range(integerOf(args[1]), integerOf(args[2]), list.length));
      if (part.length > 0) store.set(key, part, true);
      else store.delete(key);
      reply.status('OK');
    },
  },
};

/** Both ends inclusive, negative from the end, as the protocol counts; as `Array.prototype.slice` takes it. */
function range(start: number, stop: number, length: number): [number, number] {
  const from = start < 0 ? Math.max(0, length + start) : start;
  const to = stop < 0 ? length + stop : stop;
  return [from, Math.max(from, to + 1)];
}

function push(method: 'push' | 'unshift'): Command {
  return {
    arity: -3,
    run: ({ store, reply, args }) => {
      const key = keyOf(args[0]);
      let list = store.list(key);
      if (list === undefined) {
        list = [];
        store.set(key, list);
      }
      for (const word of args.slice(1)) list[method](Buffer.from(word));
      reply.integer(list.length);
    },
  };
}

function pop(method: 'pop' | 'shift'): Command {
  return {
    arity: -2,
    run: ({ store, reply, args }) => {
      const key = keyOf(args[0]);
      const count = args[1] === undefined ? undefined : integerOf(args[1]);
      if (count !== undefined && count < 0) throw new CommandError('ERR value is out of range, must be positive');
      const list = store.list(key);
      if (count === undefined) {
        reply.bulk(list?.[method]());
      } else if (list === undefined) {
        reply.array(-1);
      } else {
        const taken = Math.min(count, list.length);
        reply.array(taken);
        for (let at = 0; at < taken; at += 1) reply.bulk(list[method]());
      }
      if (list?.length === 0) store.delete(key);
    },
  };
}
