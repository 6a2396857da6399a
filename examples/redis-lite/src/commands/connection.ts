import { CommandError } from '../resp/command-error.js';
import { type Commands, integerOf, keywordOf } from './command.js';

/** What CONFIG GET knows: enough for redis-benchmark and redis-cli. */
const SETTINGS: ReadonlyMap<string, string> = new Map(Object.entries({ save: '', appendonly: 'no', maxmemory: '0' }));

export const CONNECTION_COMMANDS: Commands = {
  ping: {
    arity: -1,
    run: ({ reply, args }) => {
      if (args.length > 1) throw new CommandError("ERR wrong number of arguments for 'ping' command");
      if (args[0] === undefined) reply.status('PONG');
      else reply.bulk(args[0]);
    },
  },
  echo: { arity: 2, run: ({ reply, args }) => reply.bulk(args[0]) },
  quit: {
    arity: -1,
    run: ({ reply, quit }) => {
      reply.status('OK');
      quit();
    },
  },
  select: {
    arity: 2,
    run: ({ reply, args }) => {
      if (integerOf(args[0]) !== 0) throw new CommandError('ERR DB index is out of range');
      reply.status('OK');
    },
  },
  client: {
    arity: -2,
    run: ({ reply, args }) => {
      if (!['SETINFO', 'SETNAME', 'NO-EVICT', 'NO-TOUCH'].includes(keywordOf(args[0]))) {
        throw new CommandError(`ERR unknown subcommand '${args[0]}'`);
      }
      reply.status('OK');
    },
  },
  command: { arity: -1, run: ({ reply }) => reply.array(0) },
  config: {
    arity: -2,
    run: ({ reply, args }) => {
      if (keywordOf(args[0]) !== 'GET') throw new CommandError(`ERR unknown subcommand '${args[0]}'`);
      const known = args.slice(1).flatMap((word) => {
        const name = keywordOf(word).toLowerCase();
        const value = SETTINGS.get(name);
        return value === undefined ? [] : [name, value];
      });
      reply.array(known.length);
      for (const text of known) reply.text(text);
    },
  },
  dbsize: { arity: 1, run: ({ store, reply }) => reply.integer(store.size) },
  info: {
    arity: -1,
    run: ({ store, reply }) =>
      reply.text(
        [
          '# Server',
          'redis_version:7.0.0',
          'redis_mode:standalone',
          `process_id:${process.pid}`,
          '# Memory',
          `used_memory:${process.memoryUsage().heapUsed}`,
          '# Keyspace',
          `db0:keys=${store.size},expires=${store.expiring}`,
          '',
        ].join('\r\n'),
      ),
  },
  flushall: flush(),
  flushdb: flush(),
};

function flush(): Commands[string] {
  return {
    arity: -1,
    run: ({ store, reply }) => {
      store.clear();
      reply.status('OK');
    },
  };
}
