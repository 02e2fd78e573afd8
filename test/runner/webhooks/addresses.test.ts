import { expect, test } from 'vitest';
import {
  addressIn,
  isPrivateHost,
  isPublicAddress,
  lookUpPublic,
  RefusedAddressError,
} from '../../../src/runner/webhooks/addresses.ts';

test.each([
  '127.0.0.1',
  '127.8.9.10',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '169.254.169.254',
  '192.0.2.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:7f00:1',
  '::127.0.0.1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'fe80::1',
  'fe80::1%lo',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '2001:db8::1',
  'localhost',
  '',
])('%j is not a public address', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['1.1.1.1', '93.184.215.14', '::ffff:1.1.1.1', '2606:4700:4700::1111'])(
  '%s is a public address',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each([
  ['http://2130706433/', '127.0.0.1'],
  ['http://0x7f.1/', '127.0.0.1'],
  ['http://017700000001/', '127.0.0.1'],
  ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
  ['http://１２７.0.0.1/', '127.0.0.1'],
])('the address in %s is found however it is written', (url, address) => {
  expect(addressIn(new URL(url))).toBe(address);
  expect(isPrivateHost(new URL(url))).toBe(true);
});

test.each([
  ['https://localhost/', true],
  ['https://api.localhost./', true],
  ['https://lab.example/', false],
  ['https://1.1.1.1/', false],
])('isPrivateHost of %s is %s', (url, isPrivate) => {
  expect(isPrivateHost(new URL(url))).toBe(isPrivate);
});

test.each([{ all: true }, { all: false }, { family: 4 }])(
  'a name with a private address is refused (%j)',
  async (options) => {
    const error = await new Promise((resolve) => lookUpPublic('localhost', options, resolve));
    expect(error).toBeInstanceOf(RefusedAddressError);
  },
);

test('a name that does not exist is a lookup error, not a refused address', async () => {
  const error = await new Promise((resolve) => lookUpPublic('no-such-host.invalid', { all: true }, resolve));
  expect(error).toMatchObject({ syscall: 'getaddrinfo' });
});
