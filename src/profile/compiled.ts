// A profile that was read, checked and indexed: everything the de-identification engine asks of it.
import { OPTION_NAMES, TABLE_EDITION } from '../standard/table-e1-1.ts';
import type { OptionName } from '../standard/table-e1-1.ts';

import type { DeviceTemplate } from './device-template.ts';
import { pixelPolicy } from './pixel-policy.ts';
import type { PixelPolicy } from './pixel-policy.ts';
import { digestOf, RuleSet } from './rules.ts';
import type { Rule } from './rules.ts';

/** What becomes of an encapsulated document: cleaned, replaced by an empty one of its kind, or its instance held back. */
export type DocumentPolicy = 'clean' | 'empty' | 'quarantine';

/** What a profile file says, with every default filled in. */
export interface ProfileContent {
  readonly name: string;
  readonly version: number;
  readonly options: readonly OptionName[];
  readonly subject: { readonly idTemplate: string; readonly nameTemplate: string };
  /** Largest shift in days; 0 when dates are not shifted. */
  readonly maxShiftDays: number;
  /** Standard attributes that neither a rule nor Table E.1-1 names: all stay, or only those of Type 1, 1C, 2 and 2C in the IOD. */
  readonly unlisted: 'keep' | 'required-only';
  /** Instances of a SOP class that PS3.6 does not define. */
  readonly privateSopClasses: 'quarantine' | 'pass';
  readonly pixels: PixelPolicy;
  readonly documents: DocumentPolicy;
  /** Where devices write, in the order in which they are asked. */
  readonly deviceTemplates: readonly DeviceTemplate[];
  readonly rules: readonly Rule[];
}

export interface CompiledProfile {
  readonly name: string;
  readonly version: number;
  /** SHA-256 over the canonical content and the edition of the table, lower-case hex: two profiles that act alike share it. */
  readonly digest: string;
  /** Edition of Table E.1-1 behind the rules. */
  readonly edition: string;
  readonly options: ReadonlySet<OptionName>;
  readonly subject: { readonly idTemplate: string; readonly nameTemplate: string };
  readonly maxShiftDays: number;
  readonly unlisted: ProfileContent['unlisted'];
  readonly privateSopClasses: ProfileContent['privateSopClasses'];
  readonly pixels: PixelPolicy;
  readonly documents: DocumentPolicy;
  readonly deviceTemplates: readonly DeviceTemplate[];
  readonly rules: RuleSet;
}

/** The same content always gives the same digest. */
export function compileProfile(content: ProfileContent): CompiledProfile {
  const options = OPTION_NAMES.filter((option) => content.options.includes(option));
  const { rules, ...settings } = content;
  return {
    ...settings,
    digest: digestOf({ ...settings, options, rules, edition: TABLE_EDITION }),
    edition: TABLE_EDITION,
    options: new Set(options),
    rules: new RuleSet(rules),
  };
}

/** A profile of the Basic Profile alone, for what needs one without a file; `changes` are laid over it. */
export function basicProfile(changes: Partial<ProfileContent> = {}): CompiledProfile {
  return compileProfile({
    name: 'basic',
    version: 1,
    options: [],
    subject: { idTemplate: '{hash:12}', nameTemplate: '{id}' },
    maxShiftDays: 0,
    unlisted: 'keep',
    privateSopClasses: 'pass',
    pixels: pixelPolicy({ text: 'off' }),
    documents: 'empty',
    deviceTemplates: [],
    rules: [],
    ...changes,
  });
}
