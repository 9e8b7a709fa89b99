// Checks between options. They run over the raw tree, so that one mistake does not hide another.
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join, parse } from 'node:path';
import { isLoopback } from '../core/networks.ts';
import { nearest } from '../core/text.ts';
import { isTree, type Path, type Tree } from './tree.ts';

export interface Finding {
  readonly path: Path;
  readonly message: string;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() : undefined;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** @param resolvePath makes a path of the configuration absolute */
export function crossCheck(
  root: Tree,
  profileDirectories: readonly string[],
  resolvePath: (path: string) => string,
): Finding[] {
  return [
    ...checkRoutes(root, profileDirectories, resolvePath),
    ...checkDestinations(root),
    ...checkTlsFiles(root, resolvePath),
    ...checkServers(root),
    ...checkHttp(root),
  ];
}

function checkRoutes(root: Tree, directories: readonly string[], resolvePath: (path: string) => string): Finding[] {
  const findings: Finding[] = [];
  const called = new Map<string, number>();
  const destinations = isTree(root.destinations) ? Object.keys(root.destinations) : [];
  const known = destinations.length > 0 ? destinations : [DEFAULT_DESTINATION];
  listOf(root.routes).forEach((route, i) => {
    if (!isTree(route)) return;
    const title = textOf(route.calledAeTitle);
    if (title !== undefined && called.has(title))
      findings.push({
        path: ['routes', i, 'calledAeTitle'],
        message: `this called AE title already selects route ${(called.get(title) ?? 0) + 1}; write another, or put the destinations together in one route`,
      });
    else if (title !== undefined) called.set(title, i);
    listOf(route.destinations).forEach((entry, j) => {
      const name = textOf(entry);
      if (name !== undefined && !known.includes(name))
        findings.push({
          path: ['routes', i, 'destinations', j],
          message: `unknown destination; ${suggest(name, known)}`,
        });
    });
    const profile = textOf(route.profile);
    if (profile !== undefined && findProfile(profile, directories, resolvePath) === undefined)
      findings.push({
        path: ['routes', i, 'profile'],
        message: `unknown profile; ${suggest(profile, profileNames(directories))}, or write the path of a YAML file; profiles are looked for in ${directories.join(' and ')}`,
      });
  });
  return findings;
}

/** Processes find each other's work in the database: one that lives in a process is of no use to them. */
function checkServers(root: Tree): Finding[] {
  const [queue, database] = [textOf(root.queue) ?? 'embedded', textOf(root.database) ?? 'embedded'];
  if (queue === 'embedded' || database !== 'embedded') return [];
  const message = 'a Redis queue needs a database server; write database: postgres://user@host/database beside it';
  return [{ path: ['queue'], message }];
}

/** Whoever reaches the API over a network has to show a token. */
function checkHttp({ http }: Tree): Finding[] {
  if (!isTree(http) || http.token !== undefined) return [];
  const host = textOf(http.host) ?? '127.0.0.1';
  if (host === 'localhost' || isLoopback(host)) return [];
  const message =
    'other machines reach this address, so a token is needed; name a file that holds one by LETHE__HTTP__TOKEN_FILE, or write host: 127.0.0.1';
  return [{ path: ['http', 'host'], message }];
}

/** Name of the destination that exists when none is configured. */
export const DEFAULT_DESTINATION = 'archive';

function suggest(word: string, known: readonly string[]): string {
  const best = nearest(word, known);
  return best === undefined ? `write one of ${known.join(', ')}` : `did you mean ${best}?`;
}

/** Whether a profile is meant by path, not by name. */
export function isProfilePath(profile: string): boolean {
  return basename(profile) !== profile || ['.yaml', '.yml'].includes(extname(profile));
}

/** The file of a profile, or undefined when there is none. */
export function findProfile(
  profile: string,
  directories: readonly string[],
  resolvePath: (path: string) => string,
): string | undefined {
  const candidates = isProfilePath(profile)
    ? [resolvePath(profile)]
    : directories.flatMap((directory) => [join(directory, `${profile}.yaml`), join(directory, `${profile}.yml`)]);
  return candidates.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}

function profileNames(directories: readonly string[]): string[] {
  const files = directories.filter((directory) => existsSync(directory)).flatMap((directory) => readdirSync(directory));
  return [...new Set(files.filter((file) => /\.ya?ml$/.test(file)).map((file) => parse(file).name))].sort();
}

function checkDestinations(root: Tree): Finding[] {
  if (!isTree(root.destinations)) return [];
  const seen = new Map<string, string>();
  const findings: Finding[] = [];
  for (const name of Object.keys(root.destinations)) {
    const folded = name.toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined)
      findings.push({
        path: ['destinations', name],
        message: `differs from ${other} only in case; write another name`,
      });
    seen.set(folded, name);
  }
  return findings;
}

const TLS_FILES = ['key', 'certificate', 'clientCa', 'clientCrl', 'ca', 'crl'];

function checkTlsFiles(root: Tree, resolvePath: (path: string) => string): Finding[] {
  const destinations = isTree(root.destinations) ? Object.entries(root.destinations) : [];
  const places: { readonly path: Path; readonly value: unknown }[] = [
    { path: ['tls'], value: root.tls },
    { path: ['auditRepository', 'tls'], value: isTree(root.auditRepository) && root.auditRepository.tls },
    ...destinations.map(([name, value]) => ({
      path: ['destinations', name, 'tls'],
      value: isTree(value) && value.tls,
    })),
    ...listOf(root.sources).map((value, i) => ({ path: ['sources', i, 'tls'], value: isTree(value) && value.tls })),
  ];
  const findings: Finding[] = [];
  for (const { path, value } of places) {
    if (!isTree(value)) continue;
    for (const key of TLS_FILES) {
      const file = textOf(value[key]);
      if (file === undefined || file === '') continue;
      try {
        accessSync(resolvePath(file), constants.R_OK);
      } catch {
        const message = 'this file cannot be read; write the path of a readable PEM file';
        findings.push({ path: [...path, key], message });
      }
    }
  }
  return findings;
}
