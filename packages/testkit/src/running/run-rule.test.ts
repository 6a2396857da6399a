import { type BackendFactory, type Driver, nop } from '@polyring/core';
import { close, eventfd } from '@polyring/sys';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Rule } from '../rule.js';
import { rules } from '../rules/index.js';
import { loadSubject } from '../subject.js';
import { waitables } from '../waitables/object-waitables.js';
import type { RuleContext } from './context.js';
import { changedSince, openDescriptors } from './descriptors.js';
import { type RuleResult, runRule } from './run-rule.js';
import { TrackedDriver } from './tracked-driver.js';

const subject = await loadSubject(import.meta.resolve('@polyring/backend-epoll'));
const never = new Promise<never>(() => {});

const RULE = {
  id: 'test.rule',
  class: 'required',
  section: 'test',
  expectation: 'Something holds',
  timeLimit: 2000,
} as const;

function run(check: Rule['check'], rule: Partial<Rule> = {}): Promise<RuleResult> {
  return runRule({ ...RULE, check, ...rule }, subject);
}

async function failsWith(result: Promise<RuleResult>, message: RegExp): Promise<void> {
  const { outcome, error } = await result;
  assert.is(outcome, 'failed');
  assert.match(String(error), message);
}

test('a check that resolves is a rule that passed', async () => {
  const {
    outcome,
    error,
    id,
    class: ruleClass,
  } = await run(async (context) => {
    await context.barrier(await context.createDriver());
  });
  assert.equal([outcome, error, id, ruleClass], ['passed', undefined, 'test.rule', 'required']);
});

test('a driver without newDynWait yet passes the rules of readiness', async () => {
  const newDynWait = (): never => {
    throw new Error('not written yet');
  };
  const factory = { ...subject.factory, create: () => Object.assign(subject.factory.create(), { newDynWait }) };
  // Those of what is no descriptor tell of waits as well.
  for (const rule of rules.filter(({ id }) => id.startsWith('readiness.') && !id.endsWith('-descriptor'))) {
    const { outcome, error } = await runRule(rule, { factory, url: subject.url });
    assert.is(outcome, 'passed', `${rule.id}: ${error}`);
  }
});

test('a driver that makes nothing has no barrier', async () => {
  const closed = async (context: RuleContext): Promise<void> => {
    const driver = await context.createDriver();
    await driver.close();
    await context.barrier(driver);
  };
  await failsWith(run(closed), /The driver makes no object of any kind/);
});

test('a check that throws is a rule that failed', async () => {
  await failsWith(
    run(() => {
      throw new Error('at once');
    }),
    /at once/,
  );
  await failsWith(
    run(async () => {
      throw new Error('later');
    }),
    /later/,
  );
});

test('a check that hangs is a rule that failed, after its time, with its signal aborted', async () => {
  let signal: AbortSignal | undefined;
  const hang = (context: RuleContext): Promise<void> => {
    signal = context.signal;
    return never;
  };
  await failsWith(run(hang, { timeLimit: 50 }), /test\.rule did not end within 50 ms/);
  assert.is(signal?.aborted, true);
});

test('a check that ran out of time makes nothing any more', async () => {
  let late: RuleContext | undefined;
  const hang = (context: RuleContext): Promise<void> => {
    late = context;
    return never;
  };
  await failsWith(run(hang, { timeLimit: 50 }), /test\.rule did not end within 50 ms/);
  assert.ok(late);
  const { fixtures } = late;
  const open = openDescriptors();
  const name = await late.createDriver().then(
    () => 'no error',
    (error: Error) => error.name,
  );
  assert.is(name, 'AbortError');
  assert.throws(() => fixtures.eventfd(), /The rule is over/);
  assert.throws(() => fixtures.pipe(), /The rule is over/);
  assert.throws(() => fixtures.socketPair(), /The rule is over/);
  assert.throws(() => fixtures.tcpPair(), /The rule is over/);
  assert.equal(changedSince(open), []);
});

test('an uncaught exception or rejection fails the rule that it comes in', async () => {
  await failsWith(
    run(async () => {
      queueMicrotask(() => {
        throw new Error('uncaught');
      });
      await never;
    }),
    /uncaught/,
  );
  await failsWith(
    run(async () => {
      void Promise.reject(new Error('unhandled'));
      await never;
    }),
    /unhandled/,
  );
});

test('who listens to uncaught errors, as mocha does, hears of none while a rule runs, and of all behind it', async () => {
  const heard: unknown[] = [];
  const listener = (error: unknown): void => void heard.push(error);
  process.on('uncaughtException', listener);
  try {
    const rule = rules.find(({ id }) => id === 'scope.throwing-waker') as Rule;
    const { outcome, error } = await runRule(rule, subject);
    assert.equal([outcome, error, heard], ['passed', undefined, []]);
    assert.ok(process.listeners('uncaughtException').includes(listener));
  } finally {
    process.off('uncaughtException', listener);
  }
});

test('rules that run at once leave no listener of theirs behind', async () => {
  const before = process.listeners('uncaughtException');
  let end = (): void => {};
  const long = new Promise<void>((resolve) => {
    end = resolve;
  });
  const first = run(async () => {});
  const second = run(() => long);
  await first;
  end();
  await second;
  assert.equal(process.listeners('uncaughtException'), before);
});

test('exceptions that a rule expects are collected', async () => {
  const { outcome } = await run(async (context) => {
    const caught = context.expectUncaught();
    setImmediate(() => {
      throw new Error('expected');
    });
    await context.barrier(await context.createDriver());
    assert.is(caught.length, 1);
  });
  assert.is(outcome, 'passed');
});

test('a descriptor that stays open fails the rule', async () => {
  let leaked = -1;
  await failsWith(
    run(async () => {
      leaked = eventfd();
    }),
    /was left open/,
  );
  close(leaked);
});

test('of many descriptors that stay open the error names some, and tells how many more there are', async () => {
  const leaked: number[] = [];
  await failsWith(
    run(async () => {
      for (let count = 0; count < 300; count += 1) leaked.push(eventfd());
    }),
    /(.* was left open; ){10}290 more$/,
  );
  for (const fd of leaked) close(fd);
});

for (const part of ['newDynTimer', 'newDynFdReady', 'newDynSocketReady', 'newDynWait', 'ioUringSubmit'] as const) {
  test(`a descriptor that the first ${part} of a thread opens, and that stays open, fails no rule`, async () => {
    let shared: number | undefined;
    const opening = (driver: Driver): Driver => {
      const used = driver[part].bind(driver) as (...args: unknown[]) => unknown;
      const use = (...args: unknown[]): unknown => {
        shared ??= eventfd();
        return used(...args);
      };
      return Object.assign(driver, { [part]: use });
    };
    const factory = { ...subject.factory, create: () => opening(subject.factory.create()) };
    const { outcome, error } = await runRule(
      {
        ...RULE,
        check: async (context) => {
          const driver = await context.createDriver();
          for (const { arm } of waitables(context.fixtures, driver)) arm(() => {});
          await driver.ioUringSubmit(nop()).catch(() => {});
        },
      },
      { factory, url: subject.url },
    );
    assert.is(outcome, 'passed', String(error));
    close(shared as number);
  });
}

test('a descriptor that is closed and was open before fails the rule', async () => {
  const foreign = eventfd();
  await failsWith(
    run(async () => close(foreign)),
    /was closed/,
  );
});

test('everything that a rule made is taken away, of a rule that failed too', async () => {
  const made: { readonly ended: boolean }[] = [];
  await run(async (context) => {
    await context.createDriver();
    context.fixtures.pipe();
    context.fixtures.tcpPair();
    context.fixtures.tempFile('content');
    made.push(context.fixtures.process(process.execPath, '-e', 'setInterval(() => {}, 1000)'));
    throw new Error('midway');
  });
  assert.is(made[0]?.ended, true);
  const { outcome } = await run(async () => {});
  assert.is(outcome, 'passed');
});

test('a promise that a driver leaves unsettled fails the rule', async () => {
  class Forgetful extends TrackedDriver {
    override ioUringSubmit(): Promise<number> {
      return never;
    }
  }
  const { factory, url } = subject;
  const forgetful: BackendFactory = {
    name: factory.name,
    priority: factory.priority,
    minimumOpcodes: factory.minimumOpcodes,
    availability: () => factory.availability(),
    create: () => new Forgetful(factory.create()),
  };
  const check = async (context: RuleContext): Promise<void> => {
    const driver = await context.createDriver();
    void driver.ioUringSubmit(nop());
  };
  const rule: Rule = { id: 'test.rule', class: 'required', section: 'test', expectation: 'Something holds', check };
  await failsWith(runRule(rule, { factory: forgetful, url }), /left 1 of its promises unsettled/);
});

test('what a driver lacks skips the rules that need it, and says so', async () => {
  const needing = await run(async () => assert.unreachable(), { needs: 'ioUring' });
  assert.is(needing.outcome, 'skipped');
  assert.match(needing.reason ?? '', /supports\.ioUring is false/);
  const opposite = await run(async () => {}, { unless: 'ioUring' });
  assert.is(opposite.outcome, 'passed');
});

test('an opcode that a driver lacks turns the check into its opposite', async () => {
  const { outcome, reason } = await run(async () => assert.unreachable(), { opcodes: [0] });
  assert.is(outcome, 'passed');
  assert.match(reason ?? '', /opcode 0/);
});

for (const [refuses, outcome] of [
  [true, 'passed'],
  [false, 'failed'],
] as const) {
  test(`a driver that lacks a feature and ${refuses ? 'refuses' : 'accepts'} it has ${outcome}`, async () => {
    const lacking = {
      supports: { ioUring: true },
      ioUringProbe: () => true,
      ioUring: { features: { pollMultishot: false } },
      ...(refuses ? {} : { multishot: () => ({}) }),
    };
    const factory: BackendFactory = {
      ...subject.factory,
      create: (options) => Object.defineProperties(subject.factory.create(options), valuesOf(lacking)),
    };
    const rule = {
      ...RULE,
      features: ['pollMultishot'],
      check: async () => assert.unreachable(),
    } as const;
    const result = await runRule(rule, { factory, url: subject.url });
    assert.is(result.outcome, outcome, String(result.error));
    if (refuses) assert.match(result.reason ?? '', /features\.pollMultishot is false/);
  });
}

const LEFT = 'ERR_POLYRING_CLOSE_TIMEOUT';

for (const { name, ends, error } of [
  {
    name: 'may have left some of the operations',
    ends: ['ECANCELED', LEFT, 'ERR_POLYRING_CLOSED'],
    error: /^undefined$/,
  },
  { name: 'has not left none', ends: ['ECANCELED', 'ERR_POLYRING_CLOSED'], error: /what it left differ/ },
]) {
  test(`a close that ran out of time ${name}`, async () => {
    const rule = rules.find(({ id }) => id === 'lifecycle.close-timeout');
    assert.ok(rule);
    // The kit gives a time limit in this rule alone.
    const create: BackendFactory['create'] = (options) => {
      const driver = subject.factory.create(options);
      return options?.closeTimeout === undefined ? driver : leavingOperations(driver, ends);
    };
    const result = await runRule(rule, { factory: { ...subject.factory, create }, url: subject.url });
    assert.match(String(result.error), error);
  });
}

/** A driver whose close runs out of time, and whose operations end with these codes in turn. */
function leavingOperations(driver: Driver, codes: readonly string[]): Driver {
  let submitted = 0;
  let tellOver = (): void => {};
  const over = new Promise<void>((resolve) => {
    tellOver = resolve;
  });
  const closeInner = driver.close.bind(driver);
  const endWith = async (code: string | undefined): Promise<never> => {
    await over;
    throw Object.assign(new Error(code), { code });
  };
  const close = (): Promise<never> => {
    void closeInner().then(tellOver);
    return endWith(LEFT);
  };
  return Object.defineProperties(
    driver,
    valuesOf({
      supports: { ioUring: true },
      ioUringSubmit: () => endWith(codes[submitted++ % codes.length]),
      close,
      [Symbol.asyncDispose]: close,
    }),
  );
}

/** Descriptions of properties that have these values. */
function valuesOf(object: object): PropertyDescriptorMap {
  return Object.fromEntries(Reflect.ownKeys(object).map((key) => [key, { value: Reflect.get(object, key) }]));
}

test.run();
