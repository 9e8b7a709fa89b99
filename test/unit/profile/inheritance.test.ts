// `extends`: what is inherited, what replaces it, and what cannot be.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { CompiledProfile } from '../../../src/profile/compiled.ts';
import { loadProfile, parseProfile } from '../../../src/profile/load.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-extends-'));
  mkdirSync(join(directory, 'site'));
  mkdirSync(join(directory, 'shipped'));
  put(
    'shipped/base.yaml',
    `name: base
version: 7
options: [retain-longitudinal-modified-dates, clean-pixel-data]
dates: { shiftDays: { max: 100 } }
subject: { id: 'B-{sequence:3}' }
unlisted: required-only
privateSopClasses: pass
pixels: { text: blank, keepText: [scale] }
rules:
  - { tag: PatientSex, action: keep }
  - { tag: ProtocolName, action: zero }`,
  );
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function put(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

/** A profile of the site that builds on `base`. */
function load(text: string, name = 'mine'): Promise<CompiledProfile> {
  put(`site/${name}.yaml`, text);
  return loadProfile(name, [join(directory, 'site'), join(directory, 'shipped')]);
}

const HEAD = 'name: mine\nversion: 1\nextends: base\n';

describe('a profile that builds on another', () => {
  it('inherits everything but name and version', async () => {
    const profile = await load(HEAD);
    expect(profile).toMatchObject({
      name: 'mine',
      version: 1,
      maxShiftDays: 100,
      subject: { idTemplate: 'B-{sequence:3}', nameTemplate: '{id}' },
      unlisted: 'required-only',
      privateSopClasses: 'pass',
      pixels: { text: 'blank', keepText: ['scale'] },
    });
    expect([...profile.options]).toEqual(['retain-longitudinal-modified-dates', 'clean-pixel-data']);
    expect(profile.rules.all.map(({ place }) => place)).toEqual(['base.yaml:10', 'base.yaml:11']);
  });

  it('asks its own rules first, also where both select the same', async () => {
    const profile = await load(`${HEAD}rules:\n  - { tag: ProtocolName, action: clean }`);
    expect(profile.rules.select(0x00181030, 'LO', undefined).map(({ place }) => place)).toEqual([
      'mine.yaml:5',
      'base.yaml:11',
    ]);
    expect(profile.rules.all.map(({ order }) => order)).toEqual([0, 1, 2]);
  });

  it('replaces whole keys, and options by a list', async () => {
    const profile = await load(
      `${HEAD}options: [retain-uids]\nsubject: { name: 'N {id}' }\nunlisted: keep\nprivateSopClasses: quarantine`,
    );
    expect([...profile.options]).toEqual(['retain-uids']);
    expect(profile).toMatchObject({
      subject: { idTemplate: '{hash:12}', nameTemplate: 'N {id}' },
      maxShiftDays: 0,
      unlisted: 'keep',
      privateSopClasses: 'quarantine',
      pixels: { text: 'blank', keepText: ['scale'] },
    });
  });

  it('changes options by add and remove', async () => {
    const profile = await load(
      `${HEAD}options: { add: [retain-uids], remove: [clean-pixel-data] }\npixels: { text: off }`,
    );
    expect([...profile.options].sort()).toEqual(['retain-longitudinal-modified-dates', 'retain-uids']);
    expect(profile.maxShiftDays).toBe(100);
  });

  it('changes its digest with what it builds on', async () => {
    const before = (await load(HEAD)).digest;
    expect((await load(`# a comment\n${HEAD}`)).digest).toBe(before);
    put('shipped/base2.yaml', 'name: base\nversion: 7\noptions: [retain-uids]');
    expect((await load(HEAD.replace('base', 'base2'))).digest).not.toBe(before);
  });

  it('may have the name of what it builds on, further back in the directories', async () => {
    const profile = await load('name: base\nversion: 8\nextends: base\nunlisted: keep', 'base');
    expect(profile).toMatchObject({ version: 8, unlisted: 'keep', maxShiftDays: 100 });
    rmSync(join(directory, 'site', 'base.yaml'));
  });

  it('may name it by a path, counted from its own folder', async () => {
    expect(await load(HEAD.replace('base', '../shipped/base.yaml'))).toMatchObject({ maxShiftDays: 100 });
  });

  it('may build on one that builds on a third', async () => {
    put('shipped/middle.yaml', 'name: middle\nversion: 1\nextends: base\nrules: [{ tag: PatientID, action: hash }]');
    const profile = await load(HEAD.replace('base', 'middle'));
    expect(profile.rules.all.map(({ action }) => action.kind)).toEqual(['hash', 'keep', 'zero']);
  });
});

describe('an extends that cannot be followed', () => {
  it.each([
    [
      'itself',
      'extends: mine',
      /mine\.yaml:3:10: a profile cannot build on itself: mine\.yaml → mine\.yaml; break the circle/,
    ],
    [
      'nothing that is there',
      'extends: bass',
      /mine\.yaml:3:10: there is no profile named "bass"; did you mean "base"\?/,
    ],
    ['no file that is there', 'extends: ./gone.yaml', /mine\.yaml:3:10: there is no profile file/],
    ['no text', 'extends: [a]', /extends must be a text/],
  ])('names %s', async (_, line, message) => {
    await expect(load(`name: mine\nversion: 1\n${line}`)).rejects.toThrow(message);
  });

  it('leads round in a circle', async () => {
    put('site/a.yaml', 'name: a\nversion: 1\nextends: b');
    put('site/b.yaml', 'name: b\nversion: 1\nextends: mine');
    await expect(load(HEAD.replace('base', 'a'))).rejects.toThrow(
      /b\.yaml:3:10: .*mine\.yaml → a\.yaml → b\.yaml → mine\.yaml/,
    );
  });

  it('leads to a profile with mistakes, which are told with its own places', async () => {
    put('shipped/broken.yaml', 'name: broken\nversion: 0');
    await expect(load(HEAD.replace('base', 'broken'))).rejects.toThrow(/^broken\.yaml:2:10: version must be/);
  });

  it('stands in a text that is no file', () => {
    expect(() => parseProfile(HEAD, 'p.yaml')).toThrow(/p\.yaml:3:10: a profile that is no file/);
  });

  it('removes or adds where nothing is inherited', async () => {
    await expect(load(`${HEAD}options: { remove: [retain-uids] }`)).rejects.toThrow(
      /retain-uids is not inherited from base/,
    );
    await expect(load('name: mine\nversion: 1\noptions: { add: [retain-uids] }')).rejects.toThrow(
      /nothing is inherited/,
    );
  });

  it('inherits what contradicts its own words', async () => {
    await expect(load(`${HEAD}options: { add: [retain-longitudinal-full-dates] }`)).rejects.toThrow(
      /mine\.yaml:4:10: .*contradict each other/,
    );
    await expect(load(`${HEAD}pixels: { text: off }`)).rejects.toThrow(/contradicts the option clean-pixel-data/);
  });
});

describe('a profile inside another file', () => {
  it('is read where it stands, with the places of that file, under a name made of its parent', async () => {
    const file = put(
      'lethe.yaml',
      'routes:\n  - calledAeTitle: L\n    profile:\n      extends: base\n      rules:\n        - { tag: PatientAge, action: keep }',
    );
    const profile = await loadProfile(`${file}#routes.0.profile`, [join(directory, 'shipped')]);
    expect(profile).toMatchObject({ name: 'base-modified', version: 7 });
    expect(profile.rules.all[0].place).toBe(`${file}:6`);
  });

  it('is told with its place when it is wrong or not there', async () => {
    const file = put('lethe2.yaml', 'routes:\n  - profile: { extends: base, optons: [] }');
    await expect(loadProfile(`${file}#routes.0.profile`, [join(directory, 'shipped')])).rejects.toThrow(
      /lethe2\.yaml:2:31: a profile has no key "optons"; did you mean "options"\?/,
    );
    await expect(loadProfile(`${file}#routes.1.profile`, [])).rejects.toThrow(/there is no routes\.1\.profile/);
  });
});
