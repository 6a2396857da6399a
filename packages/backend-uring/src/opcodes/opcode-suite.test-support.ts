import { join } from 'node:path';
import type { Driver, Entry } from '@polyring/core';
import { close } from '@polyring/sys';
import { rejects, temporaryDirectory } from '@polyring/test-support';
import { suite, type Test } from 'uvu';
import { uringBackend } from '../factory.js';
import { type KernelNeed, testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

/** What a test of an opcode works with. */
export interface OpcodeContext {
  driver: Driver;
  /** A directory of its own. */
  directory: string;
  /** A path in it. */
  path(name: string): string;
  /** Submits an entry. */
  submit(entry: Entry): Promise<number>;
  /** Submits an entry that has to fail. */
  fails(entry: Entry, code: string): Promise<NodeJS.ErrnoException & { dest?: string; fd?: number }>;
  /** Has a descriptor closed after the test. */
  opened(fd: number): number;
}

/** Tests of opcodes against the kernel. */
export interface OpcodeSuite {
  /**
   * A test that proves opcodes: `docs/opcodes.md` is held to these calls. Where the kernel lacks one, or a feature that
   * is named beside them, it is skipped and says so.
   */
  covers(needs: readonly KernelNeed[], title: string, body: (context: OpcodeContext) => Promise<void>): void;
  run(): void;
}

/** Makes a suite in which each test has a driver and a directory of its own. */
export function opcodeSuite(name: string): OpcodeSuite {
  const test: Test<OpcodeContext> = suite<OpcodeContext>(name);
  let fds: number[] = [];

  test.before.each((context) => {
    const driver = uringBackend.create();
    const directory = temporaryDirectory();
    fds = [];
    Object.assign(context, {
      driver,
      directory,
      path: (file: string) => join(directory, file),
      submit: (entry: Entry) => driver.ioUringSubmit(entry),
      fails: (entry: Entry, code: string) => rejects(driver.ioUringSubmit(entry), code),
      opened: (fd: number) => {
        fds.push(fd);
        return fd;
      },
    });
  });

  test.after.each(async ({ driver }) => {
    await driver.close();
    for (const fd of fds) close(fd);
  });

  return {
    covers: (needs, title, body) => testWith(test, needs, title, body),
    run: () => runWhereGranted(test),
  };
}
