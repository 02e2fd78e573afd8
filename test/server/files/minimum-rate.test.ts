import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { userKeyOf } from '../../../src/server/rates/user-key.ts';
import { atLeast } from '../../../src/server/files/minimum-rate.ts';

test('the time that the reader of an upload needs does not count', async () => {
  async function* pieces() {
    for (let piece = 0; piece < 3; piece += 1) yield await Promise.resolve(Buffer.from('a'));
  }
  let read = 0;
  for await (const piece of atLeast(pieces(), { bytesPerSecond: 1000, windowMs: 100 })) {
    read += piece.byteLength;
    await delay(110);
  }
  expect(read).toBe(3);
});

test('a reader that stops early ends the content', async () => {
  let ended = false;
  async function* pieces() {
    try {
      for (;;) yield await Promise.resolve(Buffer.from('a'));
    } finally {
      ended = true;
    }
  }
  for await (const piece of atLeast(pieces(), { bytesPerSecond: 1, windowMs: 1000 })) {
    expect(piece.byteLength).toBe(1);
    break;
  }
  expect(ended).toBe(true);
});

test.each([
  ['192.0.2.1', '::ffff:192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff', true],
  ['2001:db8::1', '2001:db8:0:0:1::', true],
  ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
  ['::1', '::2', true],
])('%s and %s: one user is %s', (first, second, same) => {
  const key = (address: string) => userKeyOf({ user: null, address });
  expect(key(first) === key(second)).toBe(same);
});
