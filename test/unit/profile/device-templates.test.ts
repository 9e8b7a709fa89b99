// Device templates: read strictly, asked by what the device says of itself.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { appliesTo } from '../../../src/profile/device-template.ts';
import { loadProfile } from '../../../src/profile/load.ts';
import { loadDefaultTemplates } from '../../../src/profile/load-templates.ts';
import { parseTemplates } from '../../../src/profile/template-reader.ts';
import { TAG } from '../../../src/standard/tags.ts';

const LOGIQ = `templates:
  - name: LOGIQ
    manufacturer: ge medical
    model: LOGIQE9
    sopClass: Ultrasound
    rows: 480
    columns: 640
    when: 'not BurnedInAnnotation = "NO"'
    blank: [[0, 0, 640, 40], [600, 100, 40, 20]]
`;
const ULTRASOUND = '1.2.840.10008.5.1.4.1.1.6.1';

function attributes(values: Readonly<Record<number, string>>) {
  return {
    has: (tag: number) => tag in values,
    values: (tag: number) => (tag in values ? [values[tag]] : []),
  };
}

describe('a device template', () => {
  const [template] = parseTemplates(LOGIQ, 'own.yaml');
  const image = {
    [TAG.Manufacturer]: 'GE MEDICAL SYSTEMS',
    [TAG.ManufacturerModelName]: 'LOGIQE9',
    [TAG.SOPClassUID]: ULTRASOUND,
    [TAG.Rows]: '480',
    [TAG.Columns]: '640',
  };

  it('is read with its place and its rectangles', () => {
    expect(template).toMatchObject({ name: 'LOGIQ', place: 'own.yaml:2', mayPass: false });
    expect(template.blank).toEqual([
      { x: 0, y: 0, width: 640, height: 40 },
      { x: 600, y: 100, width: 40, height: 20 },
    ]);
  });

  it('holds for the device whatever the case of its name', () => {
    expect(appliesTo(template, attributes(image))).toBe(true);
  });

  it.each([
    ['manufacturer', TAG.Manufacturer, 'Philips'],
    ['model', TAG.ManufacturerModelName, 'Vivid'],
    ['SOP class', TAG.SOPClassUID, '1.2.840.10008.5.1.4.1.1.2'],
    ['height', TAG.Rows, '768'],
    ['width', TAG.Columns, '1024'],
    ['condition', TAG.BurnedInAnnotation, 'NO'],
  ])('does not hold for another %s', (_, tag, value) => {
    expect(appliesTo(template, attributes({ ...image, [tag]: value }))).toBe(false);
  });
});

describe('a file of device templates', () => {
  it.each([
    ['no list', 'templates: 3', /list/],
    ['an unknown key', 'templates:\n  - { name: a, manufacturer: b, blnk: [[0, 0, 1, 1]] }', /did you mean "blank"/],
    ['no name', 'templates:\n  - { manufacturer: b, blank: [[0, 0, 1, 1]] }', /needs a name/],
    ['no condition', 'templates:\n  - { name: a, rows: 5, blank: [[0, 0, 1, 1]] }', /hold for every image/],
    ['nothing to blank', 'templates:\n  - { name: a, model: b }', /where this device writes/],
    ['a rectangle of three numbers', 'templates:\n  - { name: a, model: b, blank: [[0, 0, 1]] }', /\[x, y, width/],
    ['a rectangle without height', 'templates:\n  - { name: a, model: b, blank: [[0, 0, 1, 0]] }', /whole number/],
    [
      'an unknown SOP class',
      'templates:\n  - { name: a, sopClass: Ultrasond, blank: [[0, 0, 1, 1]] }',
      /no storage SOP/,
    ],
    ['a broken condition', "templates:\n  - { name: a, when: 'Modality =', blank: [[0, 0, 1, 1]] }", /when: /],
  ])('with %s is refused with the place', (_, text, message) => {
    expect(() => parseTemplates(text, 'own.yaml')).toThrow(message);
    expect(() => parseTemplates(text, 'own.yaml')).toThrow(/^own\.yaml:\d+:\d+: /);
  });

  it('may let video pass without a rectangle', () => {
    const [template] = parseTemplates('templates:\n  - { name: a, model: b, undecodable: pass }', 'own.yaml');
    expect(template.mayPass).toBe(true);
  });
});

describe('a profile', () => {
  let directory = '';
  const load = (pixels: string) => {
    writeFileSync(join(directory, 'p.yaml'), `name: p\nversion: 1\n${pixels}`);
    return loadProfile('p', [directory]);
  };
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'lethe-templates-'));
    mkdirSync(join(directory, 'templates'));
    writeFileSync(join(directory, 'templates', 'a.yaml'), LOGIQ);
    writeFileSync(join(directory, 'own.yaml'), LOGIQ.replace('name: LOGIQ', 'name: own'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('has the templates of its directory unless it says otherwise', async () => {
    expect((await load('')).deviceTemplates.map(({ name }) => name)).toEqual(['LOGIQ']);
    expect((await load('pixels: { templates: off }')).deviceTemplates).toEqual([]);
    expect((await load('pixels: { text: off }')).deviceTemplates).toEqual([]);
  });

  it('may name a file of its own, and its digest tells what is in it', async () => {
    const own = await load('pixels: { templates: ./own.yaml }');
    expect(own.deviceTemplates.map(({ name }) => name)).toEqual(['own']);
    expect(own.digest).not.toBe((await load('')).digest);
  });

  it('is refused when the file is not there', async () => {
    await expect(load('pixels: { templates: ./none.yaml }')).rejects.toMatchObject({ code: 'profile-unknown' });
  });

  it('hands them on to one that builds on it', async () => {
    writeFileSync(join(directory, 'base.yaml'), 'name: base\nversion: 1\npixels: { templates: ./own.yaml }');
    expect((await load('extends: base')).deviceTemplates.map(({ name }) => name)).toEqual(['own']);
  });
});

describe('the templates that are shipped', () => {
  it('can be read, and each says where it holds', async () => {
    const templates = await loadDefaultTemplates(['profiles']);
    expect(templates.length).toBeGreaterThan(20);
    expect(new Set(templates.map(({ name }) => name)).size).toBe(templates.length);
  });
});
