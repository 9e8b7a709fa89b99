// Defined Terms and Enumerated Values of code strings (PS3.3, PS3.16 Annex L): a value that the standard itself gives an attribute.
import { readTable } from './table-file.ts';

let terms: ReadonlyMap<number, ReadonlySet<string>> | undefined;

function load(): ReadonlyMap<number, ReadonlySet<string>> {
  return new Map(
    readTable('code-terms.tsv', 3).map(([tag, , values]) => [Number.parseInt(tag, 16), new Set(values.split('\\'))]),
  );
}

/**
 * True when the standard defines or enumerates the value for the attribute, in whatever IOD and at whatever place of several. Case does not
 * count: `Knee` is written for `KNEE`. False for all values of an attribute without such a list, such as a private one.
 * @param value one value, without padding
 */
export function isCodeTerm(tag: number, value: string): boolean {
  terms ??= load();
  return terms.get(tag >>> 24 === 0x60 ? tag & 0xff00ffff : tag)?.has(value.toUpperCase()) === true;
}
