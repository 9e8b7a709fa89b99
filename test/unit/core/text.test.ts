import { describe, expect, it } from 'vitest';
import { escapeForLog, nearest } from '../../../src/core/text.ts';

describe('nearest', () => {
  const options = ['host', 'port', 'maxAssociations', 'idleSeconds'];

  it.each([
    ['hots', 'host'],
    ['prot', 'port'],
    ['maxAsociations', 'maxAssociations'],
    ['idleseconds', 'idleSeconds'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, options)).toBe(meant);
  });

  it('takes a word that is far from all for none', () => {
    expect(nearest('colour', options)).toBeUndefined();
    expect(nearest('', options)).toBeUndefined();
  });
});

describe('escapeForLog', () => {
  it('leaves no control character, escape sequence or line break', () => {
    expect(escapeForLog('A\u001b[2J\r\nB\u0000\u0085')).toBe('A\\x1b[2J\\x0d\\x0aB\\x00\\x85');
  });

  it('shows letters beyond Latin-1 by number and cuts what is long', () => {
    expect(escapeForLog('山田')).toBe('\\u5c71\\u7530');
    expect(escapeForLog('x'.repeat(100), 8)).toBe('xxxxxxxx…');
  });
});
