import { isIP } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatAddress, parseAddress } from './ip-address.js';

const PIECES = ['0', '1', '12', 'ab', 'FFFF', '12345', 'g', '255', '256', '01', '', ':', '::', '.', '1.2.3.4', '1.2.3'];

/** All that so many pieces with colons between can be, and the pieces run together. */
function textsOf(count: number): string[] {
  if (count === 0) return [''];
  return textsOf(count - 1).flatMap((text) => PIECES.flatMap((piece) => [`${text}${piece}`, `${text}:${piece}`]));
}

test('an address is what Node.js takes for one', () => {
  const whole = [
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:1.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
  ];
  const texts = [
    ...textsOf(3),
    ...whole,
    ...whole.flatMap((text) => [`${text}::`, `::${text}`, `${text}:`, `:${text}`, ` ${text}`, `${text}\n`]),
    ...['1::2::3', '1.2.3.4::', '1.2.3.4:5', '1::1.2.3.4:5', '1.2.3.4.5', '1.2.3.0x4', '١.1.1.1', 'fe80::1%lo'],
  ];
  let addresses = 0;
  for (const text of texts) {
    const bytes = parseAddress(text);
    const version = text.includes('%') ? 0 : isIP(text);
    assert.is(bytes?.length, version === 0 ? undefined : version === 4 ? 4 : 16, JSON.stringify(text));
    if (bytes === undefined) continue;
    addresses += 1;
    assert.equal(parseAddress(formatAddress(bytes)), bytes, text);
  }
  assert.ok(addresses > 500, `${addresses} addresses among ${texts.length}`);
});

test('the bytes of an address are in network order', () => {
  assert.equal([...(parseAddress('127.0.0.1') ?? [])], [127, 0, 0, 1]);
  assert.equal([...(parseAddress('::ffff:10.1.2.3') ?? [])], [...new Array(10).fill(0), 255, 255, 10, 1, 2, 3]);
  assert.equal([...(parseAddress('1:2::ab') ?? [])], [0, 1, 0, 2, ...new Array(10).fill(0), 0, 0xab]);
});

test.run();
