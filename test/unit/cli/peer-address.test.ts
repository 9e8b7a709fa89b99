import { describe, expect, it } from 'vitest';
import { parsePeerAddress } from '../../../src/cli/peer-address.ts';

describe('parsePeerAddress', () => {
  it.each([
    ['RESEARCH@pacs.example.org:104', { aeTitle: 'RESEARCH', host: 'pacs.example.org', port: 104 }],
    ['A B@10.0.0.1:11112', { aeTitle: 'A B', host: '10.0.0.1', port: 11_112 }],
    ['X@[fd00::1]:104', { aeTitle: 'X', host: 'fd00::1', port: 104 }],
  ])('reads %s', (text, peer) => {
    expect(parsePeerAddress(text)).toEqual(peer);
  });

  it.each([
    '',
    'RESEARCH',
    'RESEARCH@host',
    '@host:104',
    'A@host:0',
    'A@host:65536',
    'A@host:x',
    'A@:104',
    'TOO LONG AE TITLE@h:1',
    'A\\B@h:1',
  ])('refuses %j and says how to write it', (text) => {
    expect(() => parsePeerAddress(text)).toThrow('AET@HOST:PORT');
  });
});
