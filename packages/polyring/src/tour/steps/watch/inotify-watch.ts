import { constants } from 'node:os';
import { type Driver, InterestSlot, PollEvents, PolledFd, systemError } from '@polyring/core';
import {
  close,
  IN_CREATE,
  INOTIFY_EVENT_MAXIMUM,
  inotifyAddWatch,
  inotifyInit,
  parseInotifyEvents,
  tryRead,
} from '@polyring/sys';
import type { FolderWatch } from './creations.js';

const EAGAIN = -constants.errno.EAGAIN;

/** Watches a folder by an inotify, whose readiness comes from a driver. */
export function inotifyWatch(driver: Driver, folder: string): FolderWatch {
  const fd = inotifyInit();
  let polled: PolledFd;
  try {
    inotifyAddWatch(fd, folder, IN_CREATE);
    polled = new PolledFd(driver, fd);
  } catch (error) {
    close(fd);
    throw error;
  }
  const buffer = Buffer.alloc(16 * INOTIFY_EVENT_MAXIMUM);
  const readNames = (): string[] | undefined => {
    const length = tryRead(fd, buffer);
    if (length === EAGAIN) return undefined;
    if (length < 0) throw systemError(length, 'read', { fd });
    return parseInotifyEvents(buffer, length).map(({ name }) => name);
  };
  return {
    by: `${driver.name}, inotify`,
    names: () => polled.pollIo(InterestSlot.Read, PollEvents.IN, readNames),
    close() {
      polled[Symbol.dispose]();
      close(fd);
    },
  };
}
