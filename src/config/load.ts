// lethe.yaml + environment → frozen Config, or every problem at once.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { LetheError, systemCodeOf } from '../core/errors.ts';
import { crossCheck, DEFAULT_DESTINATION, isProfilePath } from './checks.ts';
import type { Config, HttpConfig, RouteConfig } from './config.ts';
import { applyEnvironment, keysAt, unknownKey } from './environment.ts';
import { DEFAULT_DELIVERY, type Destination, type PeerTls } from './destinations.ts';
import { INLINE_PROFILE, schema, type Settings } from './schema.ts';
import { SettingsTree, type Problem } from './tree.ts';

export const DEFAULT_FILE = 'lethe.yaml';

export interface LoadOptions {
  /** Configuration file. Default: `lethe.yaml` in the current directory when it exists, else none. */
  readonly file?: string | undefined;
  /** Data directory in place of the configured one, relative to the current directory. */
  readonly data?: string | undefined;
  /** Default `process.env`. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Default `process.cwd()`. */
  readonly currentDirectory?: string;
}

/**
 * Reads and checks the configuration. Relative paths count from the folder of the file, without a file from the current directory.
 * @throws LetheError `config-unreadable`; `config-invalid` with one line per problem, `file:line:column: what to write instead`
 */
export function loadConfig(options: LoadOptions = {}): Config {
  const currentDirectory = options.currentDirectory ?? process.cwd();
  const file = findFile(options.file, currentDirectory);
  const shownFile = file === undefined ? undefined : relative(currentDirectory, file.path);
  const base = file === undefined ? currentDirectory : dirname(file.path);
  const tree = new SettingsTree(shownFile, file?.text);
  if (tree.problems.length > 0) throw invalid(tree.problems);
  applyEnvironment(tree, options.environment ?? process.env);

  const isHttpOff = takeHttpSwitch(tree);

  const toAbsolute = (path: string): string => resolve(base, path);
  const profileDirectories = [toAbsolute('profiles'), BUILT_IN_PROFILES];
  const parsed = schema.safeParse(tree.root);
  const problems = [
    ...tree.problems,
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => describeIssue(issue, tree))),
    ...crossCheck(tree.root, profileDirectories, toAbsolute).map(({ path, message }) => ({
      where: tree.locate(path),
      message: `${nameOf(path)}: ${message}`,
    })),
  ];
  if (!parsed.success || problems.length > 0) throw invalid(problems);
  const data = options.data === undefined ? toAbsolute(parsed.data.data) : resolve(currentDirectory, options.data);
  return deepFreeze(complete(parsed.data, { file: file?.path, data, toAbsolute, profileDirectories, isHttpOff }));
}

/** `http: off` is the one group that can be left out whole: it is taken out of the tree before that is checked. */
function takeHttpSwitch({ root }: SettingsTree): boolean {
  if (root.http !== 'off' && root.http !== false) return false;
  delete root.http;
  return true;
}

/** `profiles/` of this package; the same distance from `src/config` and `dist/config`. */
const BUILT_IN_PROFILES = fileURLToPath(new URL('../../profiles', import.meta.url));

function findFile(name: string | undefined, directory: string): { path: string; text: string } | undefined {
  const path = resolve(directory, name ?? DEFAULT_FILE);
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = systemCodeOf(error);
    if (name === undefined && code === 'ENOENT') return undefined;
    throw new LetheError(
      'config-unreadable',
      `cannot read the configuration file ${name ?? DEFAULT_FILE} (${code ?? 'unknown'})`,
      {
        cause: error,
      },
    );
  }
}

interface Surroundings {
  readonly file: string | undefined;
  readonly data: string;
  readonly toAbsolute: (path: string) => string;
  readonly profileDirectories: readonly string[];
  readonly isHttpOff: boolean;
}

const DEFAULT_HTTP: HttpConfig = { host: '127.0.0.1', port: 8080, token: undefined, isDefault: true };

function complete(settings: Settings, surroundings: Surroundings): Config {
  const { file, data, toAbsolute, profileDirectories, isHttpOff } = surroundings;
  const destinations: Record<string, Destination> = {};
  for (const [name, destination] of Object.entries(settings.destinations))
    destinations[name] =
      destination.kind === 'folder'
        ? { ...destination, folder: toAbsolute(destination.folder) }
        : withAbsoluteTls(destination, toAbsolute);
  if (Object.keys(destinations).length === 0)
    destinations[DEFAULT_DESTINATION] = { kind: 'folder', folder: join(data, 'outbox'), delivery: DEFAULT_DELIVERY };

  const writtenRoutes =
    settings.routes.length > 0
      ? settings.routes
      : [schema.shape.routes.parse([{ calledAeTitle: settings.aeTitle }])[0]];
  const routes = writtenRoutes.map((route, i): RouteConfig => ({
    calledAeTitle: route.calledAeTitle,
    project: route.project,
    profile: profileOf(route.profile, `routes.${i}.profile`, file, toAbsolute),
    destinations: route.destinations ?? Object.keys(destinations),
    commitment: route.commitment,
    repeats: route.repeats,
  }));
  const tls = settings.tls && {
    ...settings.tls,
    key: toAbsolute(settings.tls.key),
    certificate: toAbsolute(settings.tls.certificate),
    clientCa: settings.tls.clientCa && toAbsolute(settings.tls.clientCa),
    clientCrl: settings.tls.clientCrl && toAbsolute(settings.tls.clientCrl),
  };
  const sources = settings.sources.map((source) => withAbsoluteTls(source, toAbsolute));
  const auditRepository = settings.auditRepository && withAbsoluteTls(settings.auditRepository, toAbsolute);
  const written = settings.http && { token: undefined, ...settings.http, isDefault: false };
  const http = isHttpOff ? undefined : (written ?? DEFAULT_HTTP);
  return { ...settings, tls, http, sources, auditRepository, file, data, destinations, routes, profileDirectories };
}

function withAbsoluteTls<T extends { readonly tls?: PeerTls | undefined }>(
  peer: T,
  toAbsolute: (path: string) => string,
): T {
  if (peer.tls === undefined) return peer;
  const { serverName, ...files } = peer.tls;
  const absolute = Object.fromEntries(
    Object.entries(files).flatMap(([key, path]) => (path === undefined ? [] : [[key, toAbsolute(path)]])),
  );
  return { ...peer, tls: { ...absolute, ...(serverName === undefined ? {} : { serverName }) } };
}

/** One that is written out in the configuration is named by the place where it stands. */
function profileOf(
  profile: string | typeof INLINE_PROFILE,
  place: string,
  file: string | undefined,
  toAbsolute: (path: string) => string,
): string {
  if (profile !== INLINE_PROFILE) return isProfilePath(profile) ? toAbsolute(profile) : profile;
  if (file !== undefined) return `${file}#${place}`;
  throw new LetheError(
    'config-invalid',
    `${place}: a profile can be written out in a configuration file only; name one here`,
  );
}

function describeIssue(issue: z.core.$ZodIssue, tree: SettingsTree): Problem[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        where: tree.locateKey([...path, key]),
        message: `${key}: ${unknownKey(key, keysAt(path))}`,
      }));
    case 'invalid_key':
      return [{ where: tree.locateKey(path), message: issue.issues[0].message }];
    case 'invalid_type':
      return [
        { where: tree.locate(path), message: `${nameOf(path)}: write ${GROUPS[issue.expected] ?? issue.expected}` },
      ];
    default:
      return [{ where: tree.locate(path), message: `${nameOf(path)}: ${issue.message}` }];
  }
}

const GROUPS: Readonly<Record<string, string>> = {
  object: 'a group of keys and values, for example { port: 11112 }',
  record: 'a group of names, each with its own keys',
  array: 'a list, for example [ … ] or lines that begin with a hyphen',
};

/** `routes[0].destinations` for a person. */
function nameOf(path: readonly (string | number)[]): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

/** Problems in the order of the file, those of the environment behind them. */
function invalid(problems: readonly Problem[]): LetheError {
  const byPlace = new Intl.Collator('en', { numeric: true });
  const lines = new Set(problems.map(({ where, message }) => `${where}: ${message}`));
  return new LetheError('config-invalid', [...lines].sort(byPlace.compare).join('\n'));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
