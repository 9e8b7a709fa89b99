// Scripts of CTP's DicomPixelAnonymizer become device templates that hold where CTP's conditions do; what has no counterpart is told.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { importProfile } from '../../../../src/profile/import/import-profile.ts';
import { looksLikePixelScript } from '../../../../src/profile/import/ctp-pixel-script.ts';
import { appliesTo } from '../../../../src/profile/device-template.ts';
import { parseTemplates } from '../../../../src/profile/template-reader.ts';
import { TAG } from '../../../../src/standard/tags.ts';

/** In the style of CTP's own file: headings, notes, ruled lines, conditions over several lines. */
const SCRIPT = `Library of burned-in text

For the format of this file (and what it is for), see the manual.

**************
     CT
**************
Acme

 Dose pages
  { [0008,0104].containsIgnoreCase("Dosimetry Phantom") }
  (0,0,512,200)

  { [0008,0070].containsIgnoreCase("ACME MEDICAL") *
    ( [0008,103e].containsIgnoreCase("AAA") + SeriesDescription.startsWith("Report (2)") ) *
    ![0028,0301].equals("NO") *
    [0028,0010].equals("1041") }
  (0,0,795,150)   (10, 20, 30, 40)

**************
     US
**************
Zeta
 // one that is turned off
  { Modality.equals("US") *
    [0008,1090].containsIgnoreCase("Z_ONE") *      // the model
    Rows.containsIgnoreCase("60") }
  (0,0,800,65)
`;

function translate(text: string) {
  const imported = importProfile(text, { file: 'p.script', from: 'ctp-pixels' });
  return {
    ...imported,
    templates: parseTemplates(imported.text, 'out.yaml'),
    leftOut: imported.changes.filter(({ kind }) => kind === 'left-out'),
  };
}

const one = (condition: string) => translate(`Some device\n{ ${condition} }\n(1,2,3,4)\n`);

function attributes(values: Readonly<Record<number, string>>) {
  return { has: (tag: number) => tag in values, values: (tag: number) => (tag in values ? [values[tag]] : []) };
}

describe('a script in the style of CTP', () => {
  const { templates, leftOut, changes } = translate(SCRIPT);

  it('is recognised among the other forms, and becomes templates named after its notes, with their lines', () => {
    expect(looksLikePixelScript(SCRIPT)).toBe(true);
    expect(importProfile(SCRIPT, { file: 'p.script' }).changes).toEqual(changes);
    expect(looksLikePixelScript('profileElements: [{ name: "a", condition: "tagValueContains(x)" }]')).toBe(false);
    expect(templates.map(({ name }) => name)).toEqual([
      'Dose pages, line 11',
      'Dose pages, line 14',
      '// one that is turned off, line 25',
    ]);
    expect(leftOut).toEqual([]);
  });

  it('keeps the regions', () => {
    expect(templates[1].blank).toEqual([
      { x: 0, y: 0, width: 795, height: 150 },
      { x: 10, y: 20, width: 30, height: 40 },
    ]);
  });

  it('writes plain tests of the device as keys, and the others as a condition', () => {
    expect(templates[1]).toMatchObject({ manufacturer: 'ACME MEDICAL', model: undefined, rows: 1041 });
    expect(templates[2]).toMatchObject({ model: 'Z_ONE', rows: undefined });
  });

  it.each([
    [{}, true],
    [{ [TAG.Manufacturer]: 'acme medical systems' }, true],
    [{ [TAG.Manufacturer]: 'Zeta' }, false],
    [{ [TAG.SeriesDescription]: 'REPORT (2) of 3' }, false],
    [{ [TAG.SeriesDescription]: 'Report (2) of 3' }, true],
    [{ [TAG.BurnedInAnnotation]: 'NO' }, false],
    [{ [TAG.Rows]: '512' }, false],
  ])('holds for the images for which CTP would: %j', (differing, holds) => {
    const image = { [TAG.Manufacturer]: 'ACME MEDICAL', [TAG.SeriesDescription]: 'thoracic aaa', [TAG.Rows]: '1041' };
    expect(appliesTo(templates[1], attributes({ ...image, ...differing }))).toBe(holds);
  });

  it('says that here more than the first template may hold', () => {
    expect(changes).toContainEqual(expect.objectContaining({ kind: 'differs', where: 'p.script:1' }));
  });
});

describe('a test', () => {
  it.each([
    ['Modality.equals("CT")', 'CT', 'ct'],
    ['Modality.equalsIgnoreCase("ct")', 'CT', 'CTA'],
    ['Modality.contains("T")', 'CT', 'ct'],
    ['Modality.containsIgnoreCase("t.")', 'CT.', 'CTX'],
    ['Modality.startsWith("C")', 'CT', 'XC'],
    ['Modality.startsWithIgnoreCase("c")', 'CT', 'XC'],
    ['Modality.endsWith("T")', 'CT', 'TC'],
    ['Modality.endsWithIgnoreCase("t")', 'CT', 'TC'],
    ['Modality.matches("[CM][TR]")', 'MR', 'XMR'],
    ['!Modality.equals("CT")', 'MR', 'CT'],
    ['!!Modality.equals("CT")', 'CT', 'MR'],
    ['Modality.equals("CT") + Modality.equals("MR") * Modality.equals("US")', 'CT', 'MR'],
    ['(Modality.equals("CT") + Modality.equals("MR")) * !Modality.equals("CT")', 'MR', 'CT'],
    ['Modality.equals("")', '', 'CT'],
    ['[0008, 0060].equals("CT")', 'CT', 'MR'],
    ['Modality.equals("\u20ac {") ', '€ {', 'CT'],
  ])('%s holds for %s and not for %s', (condition, yes, no) => {
    const { templates, leftOut } = one(condition);
    expect(leftOut).toEqual([]);
    expect(appliesTo(templates[0], attributes({ [TAG.Modality]: yes }))).toBe(true);
    expect(appliesTo(templates[0], attributes({ [TAG.Modality]: no }))).toBe(false);
  });

  it('compares numbers', () => {
    const { templates } = one('Rows.isGreaterThan("500") * Columns.isLessThan("1000")');
    expect(appliesTo(templates[0], attributes({ [TAG.Rows]: '512', [TAG.Columns]: '999' }))).toBe(true);
    expect(appliesTo(templates[0], attributes({ [TAG.Rows]: '512', [TAG.Columns]: '1000' }))).toBe(false);
  });
});

describe('what cannot be translated', () => {
  it.each([
    ['a private attribute', '[0019,1001].equals("x")'],
    ['a block of private attributes', '[0019[ACME]01].equals("x")'],
    ['a path into sequences', '[0040,a730]::[0008,0104].contains("x")'],
    ['an unknown keyword', 'Modalty.equals("CT")'],
    ['an unknown test', 'Modality.soundsLike("CT")'],
    ['an expression that ours do not know', 'Modality.matches("(?=C)CT")'],
    ['a part of two values', 'ImageType.contains("DERIVED\\SECONDARY")'],
    ['a part that every value has', 'Modality.contains("")'],
    ['an order of texts', 'Modality.isLessThan("5")'],
  ])('%s as one of several is told with its line, and the template holds for more', (_, test) => {
    const { templates, leftOut } = one(`Modality.equals("US") * ${test}`);
    expect(templates).toHaveLength(1);
    expect(appliesTo(templates[0], attributes({ [TAG.Modality]: 'US' }))).toBe(true);
    expect(leftOut).toEqual([
      expect.objectContaining({
        where: 'p.script:2',
        instead: 'template "Some device, line 2", which holds without it',
      }),
    ]);
  });

  it.each(['[0019,1001].equals("x")', 'Modality.equals("US") + Modalty.equals("CT")', '!Modalty.equals("x")'])(
    'leaves a condition out that would be a guess: %s',
    (condition) => {
      expect(one(condition)).toMatchObject({ templates: [], leftOut: [{ where: 'p.script:2' }] });
    },
  );

  it.each(['', 'true.', 'Modality.equals(US)', 'Modality.equals("US") *', '(Modality.equals("US")', 'a b c'])(
    'leaves out what is no condition: "%s"',
    (condition) => {
      const { templates, leftOut } = translate(`{ Modality.equals("CT") } (0,0,1,1)\n{ ${condition} } (1,2,3,4)`);
      expect(templates).toHaveLength(1);
      expect(leftOut).toMatchObject([{ where: 'p.script:2' }]);
    },
  );

  it('names the closest template', () => {
    const { leftOut } = translate(
      'Zeta One\n{ Modality.equals("US") } (0,0,1,1)\nAcme Nine\n{ Modality.equals("CT") } (0,0,1,1)\nAcme Ten\n{ [0019,1001].equals("x") } (0,0,9,9)',
    );
    expect(leftOut).toMatchObject([
      { where: 'p.script:6', instead: 'no template; the closest is "Acme Nine, line 4"' },
    ]);
  });

  it('tells of a condition without regions, and of regions that are none', () => {
    const { templates, leftOut } = translate(
      'A\n{ Modality.equals("US") }\n\n{ Modality.equals("CT") }\n(1,2,3)\n(0,0,5,5) (see page 3)\n(5,5,0,9) (-4,-4,10,10)',
    );
    expect(templates.map(({ blank }) => blank)).toEqual([
      [
        { x: 0, y: 0, width: 5, height: 5 },
        { x: 0, y: 0, width: 6, height: 6 },
      ],
    ]);
    expect(leftOut.map(({ where }) => where)).toEqual(['p.script:2', 'p.script:5', 'p.script:7']);
  });
});

describe('a hostile script', () => {
  it.each([
    ['without end', 'x {Modality.equals("CT")', /^p\.script:1:3: this \{ is never closed/],
    ['of too many conditions', '{Modality.equals("CT")}(0,0,1,1)'.repeat(1001), /more than 1000 conditions/],
    ['of too many regions', `{Modality.equals("CT")}${'(0,0,1,1)'.repeat(201)}`, /more than 200 regions/],
  ])('%s is refused with its place', (_, text, message) => {
    expect(() => importProfile(text, { file: 'p.script', from: 'ctp-pixels' })).toThrow(message);
  });

  it('without a condition is refused', () => {
    expect(() => importProfile('no braces', { file: 'p.script', from: 'ctp-pixels' })).toThrow(/^p\.script:1:1: /);
  });

  it.each([
    ['parentheses', '('.repeat(3000), ')'.repeat(3000)],
    ['negations', '!'.repeat(6000), ''],
    ['nothing but length', '', ' '.repeat(9000)],
  ])('with %s is left out, not followed', (_, before, after) => {
    const { templates, leftOut } = one(`${before}Modality.equals("CT")${after}`);
    expect([templates.length, leftOut.length]).toEqual([0, 1]);
  });

  it('of whatever text gives templates that can be read, or is refused as invalid', () => {
    const pieces = [
      '{',
      '}',
      '(',
      ')',
      '*',
      '+',
      '!',
      '"',
      '\\',
      '\n',
      '[0008,0060]',
      '.equals("CT")',
      'Modality',
      '(0,0,9,9)',
      ':',
      '\u0000',
      '😀',
      ' - a: b',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 25 }), (parts) => {
        const text = `{ Modality.equals("CT") } (0,0,1,1)${parts.join('')}`;
        try {
          expect(translate(text).templates.length).toBeGreaterThan(0);
        } catch (error: unknown) {
          expect(error).toMatchObject({ code: 'profile-invalid' });
          expect((error as Error).message).toMatch(/^p\.script:\d+:\d+: this \{ is never closed/);
        }
      }),
      { numRuns: 150, seed: 5 },
    );
  });
});
