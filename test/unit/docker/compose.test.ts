// No engine runs where the tests do: the files are read, and everything that they say of the program is compared with the program.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { parsePeerAddress } from '../../../src/cli/peer-address.ts';
import { ROLES } from '../../../src/cli/services.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/config.ts';
import { REPOSITORY } from '../../support/programs.ts';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly entrypoint?: unknown;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly profiles?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly container_name?: string;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const DOCKER = join(REPOSITORY, 'docker');
const compose = parse(readFileSync(join(DOCKER, 'compose.yaml'), 'utf8'), { merge: true }) as Compose;
const { services } = compose;
const ours = Object.entries(services).filter(([, { image }]) => image === 'lethe');
const dockerfile = readFileSync(join(DOCKER, 'Dockerfile'), 'utf8');
/** Lines of the last stage. */
const image = dockerfile.slice(dockerfile.lastIndexOf('\nFROM ')).split('\n');

/** The configuration as a container of the service would read it, its secrets made up. */
function configOf(service: Service): Config {
  const directory = mkdtempSync(join(tmpdir(), 'lethe-compose-'));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const environment: Record<string, string> = { LETHE__DATA: '/var/lib/lethe' };
  for (const [name, value] of Object.entries(service.environment ?? {})) {
    const secret = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
    if (secret !== undefined) {
      expect(service.secrets).toContain(secret);
      expect(Object.keys(compose.secrets)).toContain(secret);
      const text = secret === 'database-url' ? 'postgres://lethe:x@postgres/lethe' : 'x'.repeat(64);
      writeFileSync(join(directory, secret), `${text}\n`);
    }
    environment[name] = secret === undefined ? value : join(directory, secret);
  }
  return loadConfig({ file: join(DOCKER, 'lethe.yaml'), environment });
}

/** What follows a word of the command. */
function optionOf(service: Service, name: string): string | undefined {
  const words = service.command ?? [];
  return words.includes(name) ? words[words.indexOf(name) + 1] : undefined;
}

const mountsOf = (service: Service): string[] => (service.volumes ?? []).map((volume) => volume.split(':')[1]);

describe('compose.yaml', () => {
  it('has every role that the program knows, each as a service of its own', () => {
    const roles = ours.map(([, service]) => optionOf(service, '--role')).filter((role) => role !== undefined);
    expect(roles.sort()).toEqual(ROLES.filter((role) => role !== 'all').sort());
  });

  it.each(ours)('%s runs a command of the program, with a configuration that the program takes', (_, service) => {
    const [command, ...words] = service.command ?? [];
    expect(['start', 'migrate', 'demo']).toContain(command);
    const options = words.filter((word) => word.startsWith('--'));
    const known = { start: ['--role', '--config'], migrate: ['--config'], demo: ['--to'] }[command];
    expect(options.filter((option) => known?.includes(option) !== true)).toEqual([]);
    expect(service.entrypoint).toBeUndefined();
    const config = configOf(service);
    expect(mountsOf(service)).toContain(config.data);
    const file = optionOf(service, '--config');
    if (command !== 'demo') expect(mountsOf(service)).toContain(file);
    const role = optionOf(service, '--role');
    if (command === 'start') expect(ROLES).toContain(role);
  });

  it.each(ours)('%s runs with as few rights as it needs', (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('publishes the ports that are listened on, HTTP to this machine only', () => {
    const { dicom, http } = configOf(services.listener);
    expect(services.listener.ports).toEqual([`${dicom.port}:${dicom.port}`]);
    expect(services.api.ports).toEqual([`127.0.0.1:${http?.port ?? 0}:${http?.port ?? 0}`]);
    expect(http).toMatchObject({ host: '0.0.0.0', isDefault: false });
  });

  it('can run any number of workers and senders: they publish no port and have no fixed name', () => {
    for (const { ports, container_name } of [services.worker, services.sender])
      expect([ports, container_name]).toEqual([undefined, undefined]);
  });

  it('names the servers and the research PACS as they call themselves', () => {
    const config = configOf(services.worker);
    expect(Object.keys(services)).toContain(new URL(config.queue).hostname);
    expect(Object.keys(services)).toContain(new URL(config.database).hostname);
    expect(services.postgres.environment).toMatchObject({ POSTGRES_USER: 'lethe', POSTGRES_DB: 'lethe' });
    const orthanc = services.orthanc.environment ?? {};
    expect(config.destinations.research).toMatchObject({
      kind: 'dicom',
      host: 'orthanc',
      aeTitle: orthanc.ORTHANC__DICOM_AET,
      port: Number(orthanc.ORTHANC__DICOM_PORT),
    });
    const peer = parsePeerAddress(optionOf(services.demo, '--to') ?? '');
    expect(config.routes.map(({ calledAeTitle }) => calledAeTitle)).toContain(peer.aeTitle);
    expect(peer).toMatchObject({ host: 'listener', port: config.dicom.port });
    expect(services.demo.profiles).toEqual(['demo']);
  });

  it('keeps Redis from throwing jobs out', () => {
    expect(services.redis.command?.join(' ')).toContain('--maxmemory-policy noeviction');
  });

  it('waits only for what can tell that it is there, and names only volumes and secrets that it has', () => {
    for (const service of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(Object.keys(services)).toContain(name);
        const { healthcheck, image: of } = services[name];
        if (condition === 'service_healthy')
          expect(healthcheck === undefined ? of : healthcheck.test).toEqual(
            healthcheck === undefined ? 'lethe' : expect.any(Array),
          );
      }
      for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const volume of service.volumes ?? []) {
        const [source] = volume.split(':');
        if (source.startsWith('./')) expect(existsSync(join(DOCKER, source))).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
  });
});

describe('the image', () => {
  it('is Node 24 in every stage and runs as a user who is not root', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(new Set(bases)).toEqual(new Set(['node:24-slim']));
    expect(image.filter((line) => line.startsWith('USER ')).pop()).toMatch(/^USER [1-9]\d+:[1-9]\d+$/);
  });

  it('copies only what is there, and all that the package is made of', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) => sources.split(' '));
    expect(copied.filter((source) => !existsSync(join(REPOSITORY, source)))).toEqual([]);
    const { files } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { files: string[] };
    const inImage = image.filter((line) => line.startsWith('COPY ')).join('\n');
    for (const name of files) expect(inImage).toContain(name);
    const ignored = readFileSync(join(REPOSITORY, '.dockerignore'), 'utf8').split('\n');
    expect(copied.filter((source) => ignored.includes(source))).toEqual([]);
  });

  it('runs no install script', () => {
    const installs = [...dockerfile.matchAll(/npm ci.*/g)].map(([line]) => line);
    expect(installs).toHaveLength(2);
    for (const line of installs) expect(line).toContain('--ignore-scripts');
  });

  it('exposes the ports of the program and asks for its health where that is told', () => {
    const { dicom, http } = configOf(services.api);
    const exposed = image
      .find((line) => line.startsWith('EXPOSE '))
      ?.split(' ')
      .slice(1)
      .map(Number);
    expect(exposed).toEqual([dicom.port, 2762, http?.port]);
    const health = image.find((line) => line.includes('CMD ["node", "-e"')) ?? '';
    expect(health).toContain(`process.env.LETHE__HTTP__PORT||${http?.port ?? 0}`);
    expect(health).toContain("'/healthz'");
  });

  it('has its data directory in a volume', () => {
    expect(image.find((line) => line.startsWith('VOLUME '))).toBe('VOLUME /var/lib/lethe');
    expect(image.find((line) => line.startsWith('ENV '))).toContain('LETHE__DATA=/var/lib/lethe');
  });
});

describe('the folder', () => {
  it('holds no secret', () => {
    expect(readdirSync(DOCKER)).not.toContain('secrets');
  });
});
