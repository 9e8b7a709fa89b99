// RTF: text is judged across groups and controls; destinations that hide go.
import { describe, expect, it } from 'vitest';

import { cleanDocument } from '../../../src/documents/clean-document.ts';
import { expectNothingPlanted, HARMLESS, jobOf, judgeOf, shareOfWords } from './support/patient.ts';

async function clean(rtf: string | Buffer, judge = judgeOf()) {
  const bytes = Buffer.isBuffer(rtf) ? rtf : Buffer.from(rtf, 'latin1');
  const result = await cleanDocument('rtf', 'text/rtf', jobOf(bytes, { judge }));
  expectNothingPlanted(result);
  // What leaves is RTF again, and at rest.
  const again = await cleanDocument('rtf', 'text/rtf', jobOf(result.bytes, { judge: judgeOf(null) }));
  expect(again.bytes.length).toBeGreaterThan(0);
  return {
    text: result.bytes.toString('latin1'),
    findings: new Map(result.findings.map(({ kind, count }) => [kind, count])),
  };
}

async function reasonOf(rtf: string | Buffer): Promise<unknown> {
  return cleanDocument('rtf', 'text/rtf', jobOf(rtf)).then(
    () => 'clean',
    (error: unknown) => (error as { reason?: string }).reason,
  );
}

const HEAD =
  '{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss\\fcharset0 Arial;}{\\f1\\fnil\\fcharset204 Times;}{\\f2\\fcharset128 Gothic;}}{\\colortbl;\\red255\\green0\\blue0;}';

describe('RTF', () => {
  it('keeps words and looks', async () => {
    const { text } = await clean(`${HEAD}\\pard\\b Findings\\b0\\par ${HARMLESS}\\par}`);
    expect(shareOfWords(text, HARMLESS.split(' '))).toBeGreaterThanOrEqual(0.99);
    expect(text).toContain('\\b Findings\\b0 ');
    expect(text).toContain('{\\f0 \\fswiss \\fcharset0 Arial;}');
    expect(text).toContain('\\red255 ');
  });

  it('finds names that groups and controls split', async () => {
    const { text } = await clean(`${HEAD} Lesion of {\\b Quim}{\\i ble}\\fs24 ton, Jose\\-phine: stable\\par}`);
    expect(text).toContain('Lesion of');
    expect(text).toContain('stable');
  });

  it('line ends of the file mean nothing', async () => {
    expect((await clean(`${HEAD} Mass of Quim\r\nbleton is stable}`)).text).toContain('Mass');
  });

  it("reads characters by \\'xx, \\uN and the code page of the font", async () => {
    const { text } = await clean(
      `${HEAD} \\'51uimbleton {\\u81?uimbleton} gr\\'f6\\'dfer \\uc2\\u8804<=14 mm{\\f1 \\'ef\\'f0\\'e8\\'e2\\'e5\\'f2}\\par}`,
    );
    expect(text).toContain('gr\\u246?\\u223?er');
    expect(text).toContain('\\u8804?14 mm');
    expect(text).toContain('\\u1087?\\u1088?\\u1080?');
  });

  it('finds a name in a code page of two bytes', async () => {
    const { text } = await clean(`${HEAD}\\f2 \\'8e\\'52\\'93\\'63 normal\\par}`, judgeOf(-10, '山田^太郎'));
    expect(text).toContain('normal');
    expect(text).not.toContain('\\u23665?\\u30000?');
  });

  it('who wrote it, pictures, objects, fields and unknown destinations go', async () => {
    const { text, findings } = await clean(
      `${HEAD}{\\info{\\author Quimbleton}{\\title MRQ-4711082}{\\creatim\\yr2020\\mo3\\dy10}}{\\*\\generator Quimbleton;}{\\*\\quimbleton x}` +
        '{\\pict\\pngblip 5175696d626c65746f6e}{\\object\\objemb{\\*\\objdata 5175}{\\result Quimbleton}}' +
        '{\\field{\\*\\fldinst HYPERLINK "http://x/MRQ-4711082"}{\\fldrslt images}}{\\*\\bkmkstart Quimbleton}text\\par}',
    );
    expect(text).not.toMatch(/info|author|pict|object|fldinst|generator|HYPERLINK|5175/);
    expect(text).toContain('{\\fldrslt images}');
    expect(text).toContain('text');
    expect(findings.get('picture')).toBe(1);
    expect(findings.get('metadata')).toBe(1);
  });

  it('hidden and deleted text goes', async () => {
    const { text, findings } = await clean(`${HEAD} a{\\v Xaverius}b\\v  hidden\\v0  c{\\deleted gone} d\\par}`);
    expect(text).not.toMatch(/Xaverius|hidden|gone/);
    expect(findings.get('hidden-text')).toBe(3);
  });

  it('headers, footers, footnotes, cells and style names are judged', async () => {
    const { text } = await clean(
      `${HEAD}{\\stylesheet{\\s1 Quimbleton style;}}{\\header Patient: Josephine Quimbleton\\par}{\\footer Page \\chpgn}\\trowd\\cellx100\\cellx200 Name\\cell Quimbleton\\cell\\row normal{\\footnote MRQ-4711082}\\par}`,
    );
    expect(text).toContain('Page ');
    expect(text).toContain('\\row ');
  });

  it('control words that are not known and numbers that are too long go', async () => {
    const { text, findings } = await clean(`${HEAD}\\quimbleton\\li4711082123 normal\\par}`);
    expect(text).not.toContain('4711082123');
    expect(findings.get('control')).toBe(2);
  });

  it('raw bytes and what follows the document go', async () => {
    const { text } = await clean(`${HEAD} a\\bin10 Quimbleton b\\par}Quimbleton MRQ-4711082`);
    expect(text).toContain('a b');
  });

  it('braces and backslashes of the text stay characters', async () => {
    expect((await clean(`${HEAD} \\{a\\} \\\\ b\\par}`)).text).toContain('\\{a\\} \\\\ b');
  });

  it('dates move, times of day stay', async () => {
    expect((await clean(`${HEAD} Scan of 2020-03-10, 14:30\\par}`)).text).toContain('2020-02-29');
  });

  it.each([
    ['no RTF', 'text'],
    ['cut off', `${HEAD} text`],
    ['100,000 groups in each other', `{\\rtf1${'{'.repeat(100_000)}`],
    ['a control word without end', `{\\rtf1\\${'a'.repeat(1000)}}`],
    ['a character that is cut off', "{\\rtf1 \\'5}"],
  ])('%s: held back', async (_, rtf) => {
    expect(await reasonOf(rtf)).toBe('document-unreadable');
  });
});
