import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { LetheError } from '../../../src/core/errors.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-config-'));
  mkdirSync(join(directory, 'profiles'));
  for (const name of ['basic', 'lung-trial']) writeFileSync(join(directory, 'profiles', `${name}.yaml`), 'name: x\n');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function load(yaml?: string, environment: NodeJS.ProcessEnv = {}) {
  if (yaml !== undefined) writeFileSync(join(directory, 'lethe.yaml'), yaml);
  return loadConfig({ currentDirectory: directory, environment });
}

function problemsOf(yaml?: string, environment: NodeJS.ProcessEnv = {}): string[] {
  try {
    load(yaml, environment);
  } catch (error) {
    if (error instanceof LetheError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('what is refused', () => {
  it('reports every mistake at once, each with file, line, column and what to write instead', () => {
    const problems = problemsOf(
      [
        'aeTitle: "A\\\\B"',
        'dicom: { port: 70000, maxAssociation: 3 }',
        'routes:',
        '  - { calledAeTitle: LUNG, profile: lung-trail, destinations: [reserch] }',
        '  - { calledAeTitle: LUNG }',
        'destinations:',
        '  research: { aeTitle: RESEARCH, host: pacs.example.org, port: 104 }',
      ].join('\n'),
    );
    expect(problems).toEqual([
      'lethe.yaml:1:10: aeTitle: write an AE title of 1 to 16 printable ASCII characters without a backslash (PS3.8 9.3.2), not "A\\B"',
      'lethe.yaml:2:16: dicom.port: write a port number from 0 to 65535, not "70000"',
      'lethe.yaml:2:23: maxAssociation: unknown option; did you mean maxAssociations?',
      expect.stringMatching(
        /^lethe\.yaml:4:37: routes\[0\]\.profile: unknown profile; did you mean lung-trial\?, or write the path/,
      ),
      'lethe.yaml:4:64: routes[0].destinations[0]: unknown destination; did you mean research?',
      expect.stringMatching(
        /^lethe\.yaml:5:22: routes\[1\]\.calledAeTitle: this called AE title already selects route 1/,
      ),
    ]);
  });

  it.each([
    ['sources: [{ address: 10.1.2.0/33 }]', 'lethe.yaml:1:22: sources[0].address: write an address or CIDR block'],
    ['sources: [{ address: 10.1.2 }]', 'lethe.yaml:1:22: sources[0].address: write an address or CIDR block'],
    ['sources: [{}]', 'lethe.yaml:1:11: sources[0]: write aeTitle, address, certificate or several'],
    ['destinations: { a: { host: h } }', 'lethe.yaml:1:17: destinations.a: write aeTitle, host and port'],
    ['destinations: { a: { folder: x, port: 1 } }', 'lethe.yaml:1:17: destinations.a: write either folder, or aeTitle'],
    ['destinations: { "a/b": { folder: x } }', 'lethe.yaml:1:17: write a name of letters'],
    [
      'destinations: { A: { folder: x }, a: { folder: y } }',
      'lethe.yaml:1:35: destinations.a: differs from A only in case',
    ],
    [
      'destinations: { a: { folder: x, commitment: {} } }',
      'lethe.yaml:1:33: destinations.a.commitment: storage commitment is asked of a DICOM',
    ],
    ['auditRepository: { port: 6514 }', 'lethe.yaml:1:1: auditRepository.host: missing: write a host name'],
    [
      'auditRepository: { host: arr.example.org, transport: tcp }',
      'lethe.yaml:1:54: auditRepository.transport: tcp is for this machine only',
    ],
    [
      'auditRepository: { host: arr, received: clear }',
      'lethe.yaml:1:41: auditRepository.received: write pseudonym or original',
    ],
    [
      'auditRepository: { host: arr, tls: { ca: no.pem } }',
      'lethe.yaml:1:42: auditRepository.tls.ca: this file cannot be read',
    ],
    ['queue: redis://localhost', 'lethe.yaml:1:8: queue: a Redis queue needs a database server'],
    ['http: { host: 0.0.0.0 }', 'lethe.yaml:1:15: http.host: other machines reach this address, so a token is needed'],
    ['http: { token: short }', 'lethe.yaml:1:16: http.token: write a token of 16 to 512 printable'],
    ['http: 8080', 'lethe.yaml:1:7: http: write a group of keys and values'],
    ['tls: { certificate: no.pem }', 'lethe.yaml:1:1: tls.key: missing: write a path'],
    ['tls: { key: no.pem, certificate: no.pem }', 'lethe.yaml:1:13: tls.key: this file cannot be read'],
    ['limits: { instanceBytes: 4 gigs }', 'lethe.yaml:1:26: limits.instanceBytes: write a size such as 500MiB'],
    ['dicom: 11112', 'lethe.yaml:1:8: dicom: write a group of keys and values'],
    ['routes: LETHE', 'lethe.yaml:1:9: routes: write a list'],
    ['routes: [{ project: p }]', 'lethe.yaml:1:10: routes[0].calledAeTitle: missing: write an AE title'],
    ['routes: [{ calledAeTitle: A, destinations: [] }]', 'lethe.yaml:1:30: routes[0].destinations: write at least one'],
    ['aeTitle: [', 'lethe.yaml:1:11: not valid YAML'],
    ['aeTitle: A\naeTitle: B', 'lethe.yaml:2:1: this key stands twice'],
    ['- a', 'lethe.yaml:1:1: write keys and values'],
    ['__proto__: { x: 1 }', 'lethe.yaml:1:1: __proto__: unknown option'],
  ])('%s', (yaml, start) => {
    expect(problemsOf(yaml)[0]?.slice(0, start.length)).toBe(start);
  });

  it('never repeats a database URL, which may hold a password', () => {
    expect(problemsOf('database: mysql://u:geheim@h/d').join()).not.toContain('geheim');
    expect(problemsOf(undefined, { LETHE__DATABASE: 'postgres:// u:geheim@h' }).join()).not.toContain('geheim');
  });

  it('names the environment variable that is wrong', () => {
    expect(
      problemsOf(undefined, { LETHE__DICOM__PORT: 'x', LETHE__DICM__PORT: '1', LETHE__AE_TITLE_FILE: '/no/file' }),
    ).toEqual([
      'LETHE__AE_TITLE_FILE: the file that it names cannot be read; write the path of a readable file',
      'LETHE__DICM__PORT: unknown option; did you mean dicom?',
      'LETHE__DICOM__PORT: dicom.port: write a port number from 0 to 65535, not "x"',
    ]);
  });

  it('takes no level of the log that there is not', () => {
    expect(problemsOf(undefined, { LETHE_LOG_LEVEL: 'loud' })).toEqual([
      'LETHE_LOG_LEVEL: write error, warn, info, debug, not "loud"',
    ]);
    expect(problemsOf(undefined, { LETHE_LOG_LEVEL: 'debug' })).toEqual([]);
  });

  it('says so when the named file is not there', () => {
    expect(() => loadConfig({ currentDirectory: directory, file: 'other.yaml', environment: {} })).toThrow(
      'cannot read the configuration file other.yaml (ENOENT)',
    );
  });
});

describe('what is understood', () => {
  it('listens as LETHE on 11112 for this machine and writes to the outbox when nothing is configured', () => {
    const config = load();
    expect(config).toMatchObject({
      file: undefined,
      aeTitle: 'LETHE',
      dicom: {
        host: '0.0.0.0',
        port: 11_112,
        maxAssociations: 100,
        maxAssociationsPerPeer: 10,
        maxPduBytes: 131_072,
        idleSeconds: 60,
        artimSeconds: 10,
        minBytesPerSecond: 1024,
      },
      data: join(directory, 'data'),
      database: 'embedded',
      queue: 'embedded',
      sources: [],
      destinations: { archive: { kind: 'folder', folder: join(directory, 'data', 'outbox') } },
      routes: [{ calledAeTitle: 'LETHE', project: 'default', profile: 'basic', destinations: ['archive'] }],
      limits: { instanceBytes: 8_589_934_592, diskReserve: 5_368_709_120 },
    });
  });

  it('sends everything to the configured destinations when there are no routes', () => {
    const config = load('aeTitle: GATE\ndestinations: { pacs: { aeTitle: P, host: localhost, port: 104 } }');
    expect(config.routes).toMatchObject([
      { calledAeTitle: 'GATE', project: 'default', profile: 'basic', destinations: ['pacs'] },
    ]);
  });

  it('counts relative paths from the folder of the file', () => {
    mkdirSync(join(directory, 'etc'));
    writeFileSync(
      join(directory, 'etc', 'lethe.yaml'),
      'data: ../var\ndestinations: { a: { folder: out } }\nroutes: [{ calledAeTitle: L, profile: ../profiles/basic.yaml }]',
    );
    const config = loadConfig({ currentDirectory: directory, file: 'etc/lethe.yaml', environment: {} });
    expect(config.data).toBe(join(directory, 'var'));
    expect(config.destinations.a).toMatchObject({ kind: 'folder', folder: join(directory, 'etc', 'out') });
    expect(config.routes[0].profile).toBe(join(directory, 'profiles', 'basic.yaml'));
  });

  it('lets the data directory of the command line win, the default outbox with it', () => {
    const config = loadConfig({ currentDirectory: directory, data: 'elsewhere', environment: { LETHE__DATA: 'env' } });
    expect(config.data).toBe(join(directory, 'elsewhere'));
    expect(config.destinations.archive).toMatchObject({
      kind: 'folder',
      folder: join(directory, 'elsewhere', 'outbox'),
    });
  });

  it('takes every key from the environment, whatever its case, over the file', () => {
    writeFileSync(join(directory, 'url'), 'postgres://lethe:secret@db/lethe\n');
    const config = load('dicom: { port: 104 }\ndestinations: { Research-1: { aeTitle: R, host: h, port: 1 } }', {
      LETHE__DICOM__PORT: '11113',
      LETHE__DICOM__MAX_PDU_BYTES: '65536',
      LETHE__DATABASE_FILE: join(directory, 'url'),
      LETHE__DESTINATIONS__RESEARCH_1__PORT: '105',
      LETHE__SOURCES__0__ADDRESS: '10.0.0.0/8',
      LETHE__ROUTES: '[{ calledAeTitle: X, project: p }]',
      LETHE__LIMITS__DISK_RESERVE: '1GiB',
    });
    expect(config.dicom).toMatchObject({ port: 11_113, maxPduBytes: 65_536 });
    expect(config.database).toBe('postgres://lethe:secret@db/lethe');
    expect(config.destinations['Research-1']).toMatchObject({ kind: 'dicom', aeTitle: 'R', host: 'h', port: 105 });
    expect(config.sources).toEqual([{ address: '10.0.0.0/8' }]);
    expect(config.routes).toMatchObject([{ calledAeTitle: 'X', project: 'p', destinations: ['Research-1'] }]);
    expect(config.limits.diskReserve).toBe(2 ** 30);
  });

  it('serves HTTP to this machine by default, as configured, or not at all', () => {
    const standard = { host: '127.0.0.1', port: 8080, token: undefined };
    expect(load().http).toEqual({ ...standard, isDefault: true });
    expect(load('http:').http).toEqual({ ...standard, isDefault: true });
    expect(load('http: {}').http).toEqual({ ...standard, isDefault: false });
    expect(load('http: off').http).toBeUndefined();
    expect(load('http: { port: 9 }', { LETHE__HTTP: 'off' }).http).toBeUndefined();
    const token = '0123456789abcdef';
    writeFileSync(join(directory, 'token'), `${token}\n`);
    expect(
      load('http: { host: 0.0.0.0, port: 1 }', { LETHE__HTTP__TOKEN_FILE: join(directory, 'token') }).http,
    ).toEqual({ host: '0.0.0.0', port: 1, token, isDefault: false });
  });

  it('never repeats a token', () => {
    expect(problemsOf('http: { token: geheim }').join()).not.toContain('geheim');
  });

  it('reads times with and without a unit', () => {
    expect(load('dicom: { idleSeconds: 2min, artimSeconds: 10 }').dicom).toMatchObject({
      idleSeconds: 120,
      artimSeconds: 10,
    });
  });

  it('names a profile that is written out by the place where it stands', () => {
    const config = load('routes:\n  - { calledAeTitle: A }\n  - { calledAeTitle: B, profile: { extends: basic } }');
    const file = join(directory, 'lethe.yaml');
    expect(config.routes.map(({ profile }) => profile)).toEqual(['basic', `${file}#routes.1.profile`]);
    expect(load(undefined, { LETHE__ROUTES__1__PROFILE: 'basic' }).routes[1].profile).toBe('basic');
    expect(problemsOf('routes: [{ calledAeTitle: A, profile: [basic] }]')).toEqual([
      'lethe.yaml:1:30: routes[0].profile: write a name, a path, or { extends: basic, … }',
    ]);
    rmSync(file);
    expect(problemsOf(undefined, { LETHE__ROUTES: '[{ calledAeTitle: A, profile: { extends: basic } }]' })).toEqual([
      'routes.0.profile: a profile can be written out in a configuration file only; name one here',
    ]);
  });

  it('takes a key without a value as not written', () => {
    expect(load('dicom:\nroutes:\ntls:').dicom.port).toBe(11_112);
  });

  it('is frozen to the leaves', () => {
    const config = load();
    expect(Object.isFrozen(config.dicom)).toBe(true);
    expect(Object.isFrozen(config.routes[0].destinations)).toBe(true);
  });
});
