import { describe, expect, it } from 'vitest';
import { streamNotesOf } from '../../../src/pixels/stream-notes.ts';
import type { StreamNote } from '../../../src/pixels/stream-notes.ts';

const segment = (marker: number, body: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
};
const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const SOI = Buffer.from('ffd8', 'hex');
const EOI = Buffer.from('ffd9', 'hex');
/** Entropy-coded data with stuffing and a restart in them. */
const SCAN = Buffer.concat([segment(0xda, Buffer.from('0101003f00', 'hex')), Buffer.from('12ff0034ffd056', 'hex')]);
const jpeg = (...parts: readonly Buffer[]): Buffer => Buffer.concat([SOI, ...parts]);

function told(notes: readonly StreamNote[], frame: Buffer): readonly string[] {
  return notes.map(({ kind, start, length }) => `${kind} ${frame.toString('latin1', start, start + length)}`);
}

describe('what a JPEG carries beside its picture', () => {
  it.each([
    ['nothing', jpeg(SCAN, EOI), []],
    ['a comment', jpeg(segment(0xfe, text('Doe^Jane')), SCAN, EOI), ['comment Doe^Jane']],
    ['a comment between two scans', jpeg(SCAN, segment(0xfe, text('x')), SCAN, EOI), ['comment x']],
    ['Exif', jpeg(segment(0xe1, text('Exif\0\0GPS')), SCAN, EOI), ['application Exif\0\0GPS']],
    ['the preview of a JFIF', jpeg(segment(0xe0, text(`JFIF\0${'\x01'.repeat(9)}rgb`)), SCAN, EOI), ['preview rgb']],
    [
      'a second picture behind its end',
      jpeg(SCAN, EOI, SOI, SCAN),
      [`behind ${Buffer.concat([SOI, SCAN]).toString('latin1')}`],
    ],
  ])('%s', (_, frame, expected) => {
    expect(told(streamNotesOf('jpeg', frame), frame)).toEqual(expected);
  });

  it.each([
    ['a colour profile', segment(0xe2, text('ICC_PROFILE\0abc'))],
    ['the colour transform of Adobe', segment(0xee, text('Adobe\0d\0\0\0\0\0'))],
    ['a JFIF without preview', segment(0xe0, text(`JFIF\0${'\x01'.repeat(9)}`))],
    ['a comment of zeros', segment(0xfe, Buffer.alloc(8))],
  ])('is not %s', (_, part) => {
    expect(streamNotesOf('jpeg', jpeg(part, SCAN, EOI, Buffer.alloc(3)))).toEqual([]);
  });

  it('is told apart from the data of a JPEG-LS, in which other bytes follow 0xFF', () => {
    const scan = Buffer.concat([segment(0xda, Buffer.from('0101000000', 'hex')), Buffer.from('12ff7f34', 'hex')]);
    const frame = jpeg(scan, EOI, text('tail'));
    expect(told(streamNotesOf('jpeg-ls', frame), frame)).toEqual(['behind tail']);
  });

  it('is sought no further where the format is broken', () => {
    expect(streamNotesOf('jpeg', jpeg(text('no marker')))).toEqual([]);
    expect(streamNotesOf('jpeg', jpeg(Buffer.from('fffeffff41', 'hex')))).toEqual([]);
    expect(streamNotesOf('jpeg', SOI)).toEqual([]);
  });
});

describe('what a JPEG 2000 carries beside its picture', () => {
  const marker = (code: number, body: Buffer): Buffer => segment(code, body);
  const SIZ = marker(0x51, Buffer.alloc(4));
  const comment = (value: string): Buffer => marker(0x64, Buffer.concat([Buffer.from([0, 1]), text(value)]));
  const codestream = (...tail: readonly Buffer[]): Buffer => {
    const tileHeader = comment('tile');
    const data = Buffer.from('0102ffd903', 'hex');
    const length = 12 + tileHeader.length + 2 + data.length;
    const sot = Buffer.alloc(8);
    sot.writeUInt32BE(length, 2);
    const tile = [marker(0x90, sot), tileHeader, Buffer.from('ff93', 'hex'), data];
    return Buffer.concat([Buffer.from('ff4f', 'hex'), SIZ, comment('main'), ...tile, EOI, ...tail]);
  };
  const box = (type: string, content: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(content.length + 8);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, content]);
  };

  it('comments of both headers, and what is behind its end', () => {
    const frame = codestream(text('Doe'));
    expect(told(streamNotesOf('jpeg-2000', frame), frame)).toEqual(['comment main', 'comment tile', 'behind Doe']);
  });

  it('boxes of a JP2 that hold no picture', () => {
    const frame = Buffer.concat([
      box('jP  ', Buffer.alloc(4, 1)),
      box('xml ', text('<n/>')),
      box('jp2c', codestream()),
    ]);
    expect(told(streamNotesOf('jpeg-2000', frame), frame)).toEqual([
      'application <n/>',
      'comment main',
      'comment tile',
    ]);
  });

  it('boxes of a JPEG XL', () => {
    const frame = Buffer.concat([box('JXL ', Buffer.alloc(4, 1)), box('Exif', text('gps')), box('jxlc', text('x'))]);
    expect(told(streamNotesOf('jpeg-xl', frame), frame)).toEqual(['application gps']);
  });
});
