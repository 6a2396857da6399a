import assert from 'node:assert/strict';
import { connect, getsockname, socket } from '@polyring/sys';
import { StreamEnd } from '../fixtures/stream-end.js';
import type { RuleContext } from '../running/context.js';

/** An address at which nobody listens any more. */
export function deserted(
  context: RuleContext,
  type: 'stream' | 'dgram',
): { family: 'IPv4'; address: string; port: number } {
  if (type === 'stream') {
    const listener = context.fixtures.listener();
    listener.close();
    return { family: 'IPv4', address: '127.0.0.1', port: listener.port };
  }
  const receiver = context.fixtures.keep(new StreamEnd(socket('ipv4', 'dgram')));
  connect(receiver.fd, { family: 'IPv4', address: '127.0.0.1', port: 9 });
  const address = getsockname(receiver.fd);
  assert.ok('port' in address);
  receiver.close();
  return { family: 'IPv4', address: '127.0.0.1', port: address.port };
}

/** A UDP socket whose peer has gone: what it sends comes back as an error. */
export function desertedSender(context: RuleContext): StreamEnd {
  const sender = context.fixtures.keep(new StreamEnd(socket('ipv4', 'dgram')));
  connect(sender.fd, deserted(context, 'dgram'));
  return sender;
}
