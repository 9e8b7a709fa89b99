// Tags of PS3.6 that stand for one attribute each: no repeating groups, no command and file meta groups.
import { findByKeyword, keywords } from '../../../src/standard/dictionary.ts';
import { groupOf } from '../../../src/standard/tags.ts';

export function dictionaryTags(): readonly number[] {
  return [...keywords()]
    .map((keyword) => findByKeyword(keyword)?.tag ?? 0)
    .filter((tag) => groupOf(tag) > 0x0004 && tag >>> 24 !== 0x50 && tag >>> 24 !== 0x60 && groupOf(tag) < 0xfff0);
}
