import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROLES } from '../../../src/cli/services.ts';
import { isInstalled, REPOSITORY } from '../../support/programs.ts';

const UNITS = ['lethe.service', 'lethe@.service'].map((name) => join(REPOSITORY, 'docker', 'systemd', name));

describe.each(UNITS)('%s', (path) => {
  const text = readFileSync(path, 'utf8');

  it.skipIf(!isInstalled('systemd-analyze'))('is a unit that systemd takes', () => {
    const { status, stderr, stdout } = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    // What systemd says of units of the machine itself is none of our business; nor that Node is elsewhere here.
    const about = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line.includes('lethe') && !line.includes('is not executable'));
    expect(about).toEqual([]);
    if (stderr === '') expect(status).toBe(0);
  });

  it.each([
    'User=lethe',
    'NoNewPrivileges=true',
    'ProtectSystem=strict',
    'ProtectHome=true',
    'PrivateTmp=true',
    'CapabilityBoundingSet=',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX',
    'LimitCORE=0',
    'UMask=0077',
    'StateDirectoryMode=0700',
    'RestartPreventExitStatus=2',
  ])('says %s', (line) => {
    expect(text.split('\n')).toContain(line);
  });

  it('gives no secret on the command line', () => {
    const command = text.split('\n').find((line) => line.startsWith('ExecStart=')) ?? '';
    expect(command).toMatch(
      /^ExecStart=\/usr\/bin\/node \/opt\/lethe\/dist\/main\.js start (?:--role %i )?--config \/etc\/lethe\/lethe\.yaml$/,
    );
  });
});

it('names in its template only roles of the program', () => {
  const named = [...readFileSync(UNITS[1], 'utf8').matchAll(/lethe@(\w+)/g)].map(([, role]) => role);
  expect(named).toEqual(ROLES.filter((role) => role !== 'all'));
});
