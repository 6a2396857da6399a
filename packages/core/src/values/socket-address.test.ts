import { networkInterfaces } from 'node:os';
import { throws } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeSocketAddress, encodeSocketAddress, type SocketAddressInput } from './socket-address.js';

const RANGE = 'ERR_OUT_OF_RANGE';
const VALUE = 'ERR_INVALID_ARG_VALUE';
const TYPE = 'ERR_INVALID_ARG_TYPE';

function roundTrip(address: SocketAddressInput): unknown {
  return decodeSocketAddress(encodeSocketAddress(address));
}

test('an address of IPv4 has the layout of struct sockaddr_in', () => {
  const bytes = encodeSocketAddress({ family: 'IPv4', address: '127.0.0.1', port: 0x1234 });
  assert.equal([...bytes], [2, 0, 0x12, 0x34, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('an address of IPv6 has the layout of struct sockaddr_in6', () => {
  const bytes = encodeSocketAddress({ address: 'fe80::1', port: 0x1234, flowlabel: 0x98765, scopeid: 3 });
  const address = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  assert.equal([...bytes], [10, 0, 0x12, 0x34, 0, 9, 0x87, 0x65, ...address, 3, 0, 0, 0]);
});

test('addresses come back as they went in', () => {
  for (const address of [
    { family: 'IPv4', address: '0.0.0.0', port: 0 },
    { family: 'IPv4', address: '255.1.20.3', port: 65535 },
    { family: 'IPv6', address: '::', port: 1 },
    { family: 'IPv6', address: '2001:db8::ff00:42:8329', port: 443 },
    { family: 'IPv6', address: '::ffff:10.0.0.1', port: 1 },
    { family: 'IPv6', address: 'fe80::1', port: 1, flowlabel: 0xfffff, scopeid: 0xffff_ffff },
    { path: '' },
    { path: '/tmp/socket' },
    { path: `/${'x'.repeat(106)}` },
    { path: '\0name' },
    { path: '\0in\0side' },
    { path: `\0${'x'.repeat(107)}` },
    { path: '\0ünïcode' },
  ]) {
    assert.equal(roundTrip(address), address);
  }
});

test('the text of an address is brought into its usual form', () => {
  assert.equal(roundTrip({ address: '2001:DB8:0:0:0:0:0:1', port: 1, flowlabel: undefined, scopeid: undefined }), {
    family: 'IPv6',
    address: '2001:db8::1',
    port: 1,
  });
});

test('the zone of an address is the number of its interface', () => {
  const loopback = Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some((each) => each.internal),
  );
  const { scopeid } = roundTrip({ address: `fe80::1%${loopback![0]}`, port: 1 }) as { scopeid: number };
  assert.ok(scopeid > 0);
  assert.equal(
    roundTrip({ address: `fe80::1%${scopeid}`, port: 1, scopeid }),
    roundTrip({ address: 'fe80::1', port: 1, scopeid }),
  );
  throws(() => encodeSocketAddress({ address: `fe80::1%${scopeid}`, port: 1, scopeid: scopeid + 1 }), RANGE);
  throws(() => encodeSocketAddress({ address: 'fe80::1%no-such', port: 1 }), RANGE);
});

test('names, wrong ports, wrong families and long paths are refused', () => {
  for (const [code, address] of [
    [RANGE, { address: 'localhost', port: 1 }],
    [RANGE, { address: '', port: 1 }],
    [RANGE, { address: '127.1', port: 1 }],
    [RANGE, { address: '::1', port: 65536 }],
    [RANGE, { address: '::1', port: -1 }],
    [VALUE, { address: '::1', port: 1, family: 'IPv4' }],
    [TYPE, { address: '::1', port: 1, family: 6 }],
    [RANGE, { address: '::1', port: 1, flowlabel: 0x100000 }],
    [RANGE, { path: `/${'x'.repeat(107)}` }],
    [RANGE, { path: `/${'ü'.repeat(54)}` }],
    [RANGE, { path: `\0${'x'.repeat(108)}` }],
    [VALUE, { path: '/a\0b' }],
    [RANGE, { bytes: new Uint8Array(1) }],
    [RANGE, { bytes: new Uint8Array(129) }],
    [TYPE, { bytes: [1, 2] }],
    [TYPE, { path: 5 }],
    [TYPE, { address: '::1' }],
    [TYPE, { port: 1 }],
    [TYPE, { address: '::1', port: '1' }],
    [TYPE, null],
    [TYPE, '/tmp/socket'],
  ] as [string, never][]) {
    throws(() => encodeSocketAddress(address), code);
  }
});

test('an address of another family keeps its bytes', () => {
  const netlink = Uint8Array.of(16, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0);
  assert.equal(roundTrip({ bytes: netlink }), { bytes: netlink });
});

test('an address without bytes is that of a socket without a name', () => {
  assert.equal(decodeSocketAddress(new Uint8Array(0)), { path: '' });
  assert.equal(decodeSocketAddress(Uint8Array.of(1, 0)), { path: '' });
});

test.run();
