import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseLevel, createLog, type LogLevel } from '../../../src/log/log.ts';
import type { LogFields } from '../../../src/pipeline/ports.ts';

function capture(level: LogLevel = 'debug', isTTY = false) {
  const lines: string[] = [];
  const stream = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString('utf8'));
        done();
      },
    }),
    { isTTY },
  );
  return { lines, log: createLog({ level, stream }) };
}

describe('what must not reach a line', () => {
  it('drops fields that are not on the list, whatever they hold', () => {
    const { log, lines } = capture();
    const smuggled = {
      patientName: 'MUSTER^ERIKA',
      PatientID: 'PID-4711',
      message: 'MUSTER^ERIKA',
      level: 'MUSTER',
      error: new Error('MUSTER^ERIKA'),
      cause: { name: 'MUSTER^ERIKA' },
      recordId: 'r-1',
    };
    log.error('quarantined', smuggled);
    expect(lines.join('')).not.toMatch(/MUSTER|4711/);
    expect(JSON.parse(lines[0])).toMatchObject({ level: 'error', message: 'quarantined', recordId: 'r-1' });
  });

  it('drops values that are not of the kind of their field', () => {
    const { log, lines } = capture();
    log.info('x', {
      code: { toString: () => 'MUSTER' },
      count: 'MUSTER',
      bytes: NaN,
      reason: ['MUSTER'],
    } as unknown as LogFields);
    expect(Object.keys(JSON.parse(lines[0]) as object)).toEqual(['time', 'level', 'message']);
  });

  it.each([false, true])('keeps one event on one line without control characters (terminal: %s)', (isTTY) => {
    const { log, lines } = capture('debug', isTTY);
    log.warn('line\nbreak\u001b[2J', { aeTitle: 'A\r\n\u0000\u009b\u2028{"level":"info"}' });
    const line = lines.join('');
    expect(line.endsWith('\n')).toBe(true);
    expect(line.slice(0, -1)).toMatch(/^[\x20-\x7e]+$/);
  });

  it('writes one printable line for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, text) => {
        const { log, lines } = capture();
        log.info(message, { reason: text });
        expect(lines).toHaveLength(1);
        expect(lines[0].slice(0, -1)).toMatch(/^[\x20-\x7e…]*$/);
        JSON.parse(lines[0]);
      }),
      { numRuns: 50 },
    );
  });

  it('cuts long text', () => {
    const { log, lines } = capture();
    log.info('x', { reason: 'a'.repeat(10_000) });
    expect(lines[0].length).toBeLessThan(400);
  });
});

describe('what is written', () => {
  it('is JSON with time, level, message and the fields', () => {
    const { log, lines } = capture();
    log.info('delivered', { recordId: 'r', destination: 'research', count: 3, durationMs: 1.5 });
    expect(JSON.parse(lines[0])).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
      level: 'info',
      message: 'delivered',
      recordId: 'r',
      destination: 'research',
      count: 3,
      durationMs: 1.5,
    });
  });

  it('is readable on a terminal', () => {
    const { log, lines } = capture('debug', true);
    log.info('delivered', { recordId: 'r', count: 3 });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}delivered recordId=r count=3\n$/);
  });

  it('leaves out what is less important than the level', () => {
    const { log, lines } = capture('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['c', 'd']);
  });

  it('lets LETHE_LOG_LEVEL win over the configuration, unless it is no level', () => {
    expect(chooseLevel('info', { LETHE_LOG_LEVEL: 'debug' })).toBe('debug');
    expect(chooseLevel('warn', { LETHE_LOG_LEVEL: 'loud' })).toBe('warn');
    expect(chooseLevel('error', {})).toBe('error');
  });
});
