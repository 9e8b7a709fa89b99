import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { LetheError } from '../../../src/core/errors.ts';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lethe-config-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function load(written: string, environment: NodeJS.ProcessEnv = {}): Config {
  writeFileSync(join(directory, 'lethe.yaml'), `destinations:\n  pacs: ${written}\n`);
  return loadConfig({ currentDirectory: directory, environment });
}

function problemsOf(written: string): string {
  try {
    load(written);
  } catch (error) {
    if (error instanceof LetheError) return error.message;
    throw error;
  }
  return '';
}

const PEER = 'aeTitle: PACS, host: pacs.example.org, port: 104';

describe('how a destination is sent to', () => {
  it('has defaults: one association, three days, always, in no order', () => {
    expect(load(`{ ${PEER} }`).destinations.pacs.delivery).toEqual({
      associations: 1,
      giveUpAfterMs: 259_200_000,
      sendWindows: [],
      isOrdered: false,
      backoff: { firstMs: 1_000, maxMs: 900_000 },
    });
  });

  it('is configured per destination', () => {
    const rules =
      'associations: 4, giveUpAfter: 12h, sendWindows: ["19:00-06:30"], order: series, retry: { first: 5s, longest: 1min }';
    expect(load(`{ ${PEER}, ${rules} }`).destinations.pacs.delivery).toEqual({
      associations: 4,
      giveUpAfterMs: 43_200_000,
      sendWindows: [{ from: 1_140, to: 390 }],
      isOrdered: true,
      backoff: { firstMs: 5_000, maxMs: 60_000 },
    });
    expect(load(`{ ${PEER}, giveUpAfter: never }`).destinations.pacs.delivery.giveUpAfterMs).toBeUndefined();
  });

  it.each([
    ['associations: 0', /associations: write a number from 1 to 64/],
    ['giveUpAfter: soon', /giveUpAfter: write a time such as 12h or 3d, or never/],
    ['giveUpAfter: 0', /giveUpAfter: write a time/],
    ['sendWindows: ["19-6"]', /sendWindows\[0\]: write a time of day/],
    ['order: patient', /order: write series or none/],
    ['retry: { first: 1h, longest: 1min }', /retry: first is longer than longest/],
    ['token: abc', /token, user and password belong to a destination with stow/],
  ])('refuses %s', (written, message) => {
    expect(problemsOf(`{ ${PEER}, ${written} }`)).toMatch(message);
  });
});

describe('a destination by STOW-RS', () => {
  it('is an address, with secrets from the environment or files', () => {
    const secret = join(directory, 'token');
    writeFileSync(secret, 'abc.def\n');
    const config = load('{ stow: https://pacs.example.org/dicom-web, tls: { serverName: pacs } }', {
      LETHE__DESTINATIONS__PACS__TOKEN_FILE: secret,
    });
    expect(config.destinations.pacs).toMatchObject({
      kind: 'stow',
      url: 'https://pacs.example.org/dicom-web',
      token: 'abc.def',
      tls: { serverName: 'pacs' },
    });
  });

  it.each([
    ['stow: pacs.example.org', /stow: write the address of a DICOMweb service/],
    ['stow: "https://u:p@pacs/"', /without user, password, query$/m],
    ['stow: "http://pacs/", tls: { serverName: pacs }', /tls needs an address that begins with https/],
    ['stow: "http://pacs/", user: u', /write user and password together/],
    ['stow: "http://pacs/", user: u, password: p, token: t', /write either token, or user and password/],
    ['stow: "http://pacs/", folder: ./out', /a destination is one of them/],
    ['stow: "http://pacs/", token: "a\\nb"', /token: write a secret of printable ASCII characters$/m],
  ])('refuses %s, without repeating a secret', (written, message) => {
    expect(problemsOf(`{ ${written} }`)).toMatch(message);
  });
});
