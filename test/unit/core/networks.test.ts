import { describe, expect, it } from 'vitest';
import { isLoopback, parseNetwork } from '../../../src/core/networks.ts';

describe('parseNetwork', () => {
  it.each(['', 'localhost', '10.1.2', '10.1.2.0/33', '10.1.2.0/', '10.1.2.0/8/8', 'fd00::/129', '10.0.0.0/x'])(
    'refuses %j',
    (text) => {
      expect(parseNetwork(text)).toBeUndefined();
    },
  );

  it.each([
    ['10.1.2.0/24', '10.1.2.255', true],
    ['10.1.2.0/24', '10.1.3.0', false],
    ['10.1.2.0/24', '::ffff:10.1.2.7', true],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['0.0.0.0/0', 'fd00::1', false],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', 'fe80::1%eth0', false],
    ['10.0.0.0/8', 'not an address', false],
  ])('%s contains %s: %s', (network, address, expected) => {
    expect(parseNetwork(network)?.contains(address)).toBe(expected);
  });
});

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.1', false],
    ['127.0.0.1.example.org', false],
    ['', false],
  ])('%s: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });
});
