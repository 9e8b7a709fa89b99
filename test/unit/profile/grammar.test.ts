// The JSON Schema for editors says what the reader takes.
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { profileSchema } from '../../../src/profile/grammar.ts';
import { listProfiles, parseProfile } from '../../../src/profile/load.ts';

const SHIPPED = new URL('../../../profiles/', import.meta.url);

interface Schema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly description?: string;
}

describe('the schema of profiles', () => {
  it('in profiles/profile.schema.json is current; else run npx tsx scripts/generate-profile-schema.ts', () => {
    const file: unknown = JSON.parse(readFileSync(new URL('profile.schema.json', SHIPPED), 'utf8'));
    expect(file).toEqual(JSON.parse(JSON.stringify(profileSchema())));
  });

  it('describes each key', () => {
    const { properties } = profileSchema() as unknown as Schema;
    const rule = properties.rules.items?.properties ?? {};
    for (const [key, { description }] of [...Object.entries(properties), ...Object.entries(rule)])
      expect(description, key).toMatch(/\S/);
  });

  it('offers only actions and options that the reader takes', () => {
    const { properties } = profileSchema() as unknown as Schema;
    for (const action of properties.rules.items?.properties.action.enum ?? []) {
      const parameter = action === 'replace' ? ', with: x' : '';
      const dates = action === 'date' ? 'dates: { shiftDays: { max: 1 } }\n' : '';
      const selection = action === 'uid' ? 'vr: UI' : action === 'date' ? 'vr: DA' : 'tag: ProtocolName';
      const text = `name: p\nversion: 1\n${dates}rules: [{ ${selection}, action: ${String(action)}${parameter} }]`;
      expect(() => parseProfile(text, 'p.yaml')).not.toThrow();
    }
  });

  it('is named by every shipped profile, and knows all of its keys', async () => {
    const { properties } = profileSchema() as unknown as Schema;
    for (const name of await listProfiles([SHIPPED.pathname])) {
      const text = readFileSync(new URL(`${name}.yaml`, SHIPPED), 'utf8');
      expect(text).toMatch(/^# yaml-language-server: \$schema=profile\.schema\.json\n/);
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(parse(text) as object)));
    }
  });
});
