// What is shipped: every package that production needs, by the lock file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../../support/programs.ts';

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
}

const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const production = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);

/** Licences that ask for nothing but their text to be kept. */
const PERMISSIVE = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'Unlicense',
  'BlueOak-1.0.0',
  'Python-2.0',
  'Zlib',
  'PostgreSQL',
]);

/**
 * libvips under sharp: LGPL, linked dynamically and replaceable, which that licence allows beside any other. Its library comes as a package of
 * its own per platform, unchanged.
 */
const LIBVIPS = /^node_modules\/@img\/sharp-/;

/** Name MIT in a form of package.json that npm does not copy into the lock file. */
const OLD_FORM = new Set(['node_modules/memorystream']);

/** What their scripts do: two print a request for donations, the third builds a faster decoder of messages that has a fallback in JavaScript. */
const DISPENSABLE = new Set([
  'node_modules/core-js-pure',
  'node_modules/tesseract.js',
  'node_modules/msgpackr-extract',
]);

/** `(MIT OR GPL-3.0)` may be taken as MIT; `MIT AND Zlib` asks for both. */
function isPermissive(license: string): boolean {
  return license
    .replace(/[()]/g, '')
    .split(/ AND /)
    .every((part) => part.split(/ OR /).some((name) => PERMISSIVE.has(name.trim())));
}

describe('the packages that production needs', () => {
  it('are found', () => {
    expect(production.length).toBeGreaterThan(50);
  });

  it('have permissive licences', () => {
    const others = production
      .filter(
        ([path, { license }]) =>
          !LIBVIPS.test(path) && !OLD_FORM.has(path) && (license === undefined || !isPermissive(license)),
      )
      .map(([path, { license }]) => `${path}: ${license ?? 'none'}`);
    expect(others).toEqual([]);
  });

  it('need no install script: those that have one work without it', () => {
    const withScript = production.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(withScript.map(([path]) => path).filter((path) => !DISPENSABLE.has(path))).toEqual([]);
  });

  it('are locked to a digest each', () => {
    const loose = production.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true);
    expect(loose.map(([path]) => path)).toEqual([]);
  });
});
