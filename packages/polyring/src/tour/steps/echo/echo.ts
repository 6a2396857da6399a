import type { TourStep } from '../../step.js';
import { MESSAGE_SIZE } from './content.js';
import { driverEcho } from './driver-echo.js';
import { CONNECTIONS, exchange, MESSAGES } from './exchange.js';
import { nodeEcho } from './node-echo.js';

/** Exchanges messages with an echo server over TCP on loopback. */
export const echo: TourStep = {
  id: 'echo',
  title: 'Echo over TCP',

  async run({ driver, progress }) {
    const first = await exchange(await driverEcho(driver, CONNECTIONS), MESSAGES, (messages) =>
      progress(`messages by ${driver.name}`, messages / MESSAGES),
    );
    const second = await exchange(await nodeEcho(CONNECTIONS), MESSAGES, (messages) =>
      progress('messages by node:net', messages / MESSAGES),
    );
    return {
      verified: `Every message came back as it was sent: ${MESSAGES.toLocaleString('en-US')} on each side.`,
      unit: 'messages',
      sides: [first, second],
      notes: [
        `${CONNECTIONS} connections on loopback, ${MESSAGE_SIZE} bytes a message, one in flight on each; server and clients share the thread.`,
      ],
    };
  },
};
