// `lethe profile list | check | import | schema`: what they print, and what they tell the shell.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { addCheck } from '../../../../src/cli/profile/check.ts';
import { addImport } from '../../../../src/cli/profile/import.ts';
import { addList } from '../../../../src/cli/profile/list.ts';
import { addSchema } from '../../../../src/cli/profile/schema.ts';
import type { Services } from '../../../../src/cli/services.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-profile-cli-'));
  mkdirSync(join(directory, 'profiles'));
  put('lethe.yaml', 'aeTitle: LETHE');
  put('profiles/site.yaml', 'name: site\nversion: 4\nextends: basic\nrules: [{ tag: PatientSex, action: keep }]');
  put('profiles/broken.yaml', 'name: broken\nversion: 0\nrules: [{ tag: PatientSexx, action: kep }]');
  put('karnak.yaml', 'name: k\nprofileElements:\n  - { name: b, codename: basic.dicom.profile }');
  put('ctp.script', '<script><e en="T" t="00081030">@lookup(this,x)</e><r t="privategroups"/></script>');
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});
afterEach(() => {
  vi.restoreAllMocks();
});

function put(name: string, text: string): void {
  writeFileSync(join(directory, name), text);
}

const services: Services = {
  startGateway: () => Promise.reject(new Error('no gateway is needed here')),
};

interface Ran {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

async function run(...args: readonly string[]): Promise<Ran> {
  let [code, out, err]: [number | undefined, string, string] = [undefined, '', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  const program = new Command().exitOverride();
  for (const add of [addList, addCheck, addImport, addSchema])
    add(program, services, (given) => {
      code = given;
    });
  try {
    await program.parseAsync(args, { from: 'user' });
  } finally {
    vi.restoreAllMocks();
  }
  return { code, out, err };
}

const config = (): string => join(directory, 'lethe.yaml');

describe('lethe profile list', () => {
  it('tells name, version, options, digest and place, also of a profile with mistakes', async () => {
    const { code, out } = await run('list', '--json', '--config', config());
    expect(code).toBe(0);
    const rows = JSON.parse(out) as { name: string; file: string }[];
    expect(rows.map(({ name }) => name)).toEqual([
      ...['basic', 'broken', 'keep-dates', 'research', 'site', 'strict', 'tcia', 'ultrasound'],
    ]);
    expect(rows.find(({ name }) => name === 'site')).toMatchObject({
      version: 4,
      options: ['clean-pixel-data'],
      rules: 1,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      file: join(directory, 'profiles', 'site.yaml'),
    });
    expect(rows.find(({ name }) => name === 'broken')).toMatchObject({ mistakes: 3 });
  });

  it('prints a table for people', async () => {
    const { out } = await run('list', '--config', config());
    expect(out).toMatch(/^broken .*mistakes \(3\): lethe profile check broken$/m);
    expect(out).toMatch(/^keep-dates +2 .*retain-longitudinal-full-dates$/m);
  });
});

describe('lethe profile check', () => {
  it('ends well for a profile without mistakes', async () => {
    const { code, out } = await run('check', 'site', '--config', config());
    expect(code).toBe(0);
    expect(out).toMatch(/^site: no mistakes; site version 4, PS3\.15-\w+, digest [0-9a-f]{64}\n/);
    expect(JSON.parse((await run('check', 'site', '--json', '--config', config())).out)).toMatchObject({ rules: 1 });
  });

  it('is a configuration error, exit 2, for one with mistakes, and tells all of them', async () => {
    const refused = expect(run('check', join(directory, 'profiles', 'broken.yaml'), '--config', config())).rejects;
    await refused.toMatchObject({ code: 'profile-invalid', kind: 'config' });
    await refused.toThrow(
      /broken\.yaml:2:10: .*\n.*broken\.yaml:3:16: .*"PatientSex"\?\n.*broken\.yaml:3:37: .*"keep"\?/,
    );
  });
});

describe('lethe profile import', () => {
  it('prints a profile that check accepts', async () => {
    const { code, out, err } = await run('import', join(directory, 'karnak.yaml'));
    expect(code).toBe(0);
    expect(err).toMatch(/Left out: 0; done in another way: 0\./);
    put('profiles/imported.yaml', out);
    expect((await run('check', 'imported', '--config', config())).code).toBe(0);
    rmSync(join(directory, 'profiles', 'imported.yaml'));
  });

  it('ends with 1 when something was left out, and lists it with what stands in its place', async () => {
    const target = join(directory, 'out.yaml');
    const { code, out, err } = await run('import', join(directory, 'ctp.script'), '--name', 'mine', '-o', target);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/ctp\.script:1: 00081030 @lookup\(this,x\) → dummy/);
    expect(readFileSync(target, 'utf8')).toMatch(/^name: mine$/m);
    await expect(run('import', join(directory, 'ctp.script'), '-o', target)).rejects.toMatchObject({ code: 'usage' });
  });

  it('refuses a file that is not there or is something else', async () => {
    await expect(run('import', join(directory, 'gone'))).rejects.toMatchObject({ code: 'usage' });
    await expect(run('import', join(directory, 'lethe.yaml'))).rejects.toMatchObject({ code: 'profile-invalid' });
    await expect(run('import', join(directory, 'karnak.yaml'), '--from', 'ctp')).rejects.toThrow(/no CTP script/);
  });
});

describe('lethe profile schema', () => {
  it('prints the JSON Schema', async () => {
    const { code, out } = await run('schema');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ title: 'Lethe profile' });
  });
});
