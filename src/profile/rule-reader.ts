// One entry of `rules:` read and checked: what it selects, when it holds, what it does.
import { isScalar } from 'yaml';

import { checkFit, readAction } from './action-reader.ts';
import { ConditionError } from './condition-tokens.ts';
import { parseCondition } from './conditions.ts';
import type { Condition } from './conditions.ts';
import { asPlaced, readFields, readList, readText } from './fields.ts';
import type { Fields } from './fields.ts';
import { RULE_FIELDS } from './grammar.ts';
import type { Problems } from './problems.ts';
import { canonical } from './rules.ts';
import type { Rule } from './rules.ts';
import { readSelection } from './selector-reader.ts';

/** The rules of one file in their order; one that can never be reached is a mistake. */
export function readRules(node: unknown, problems: Problems): readonly Rule[] {
  const rules: Rule[] = [];
  const unconditional = new Map<string, Rule>();
  readList(node, 'rules', problems).forEach((entry, order) => {
    const rule = readRule(entry, order, problems);
    if (rule === undefined) return;
    rules.push(rule);
    const { selector, path, vrs, except } = rule;
    const key = canonical({ selector, path, vrs, except });
    const earlier = unconditional.get(key);
    if (earlier !== undefined)
      problems.add(asPlaced(entry), `never reached: the rule at ${earlier.place} selects the same; leave one out`);
    else if (rule.when === undefined) unconditional.set(key, rule);
  });
  return rules;
}

/** The rule, or undefined after its problems were reported. */
function readRule(node: unknown, order: number, problems: Problems): Rule | undefined {
  const before = problems.count;
  const fields = readFields(node, Object.keys(RULE_FIELDS), 'a rule', problems);
  if (fields === undefined) return undefined;
  const selection = readSelection(fields, problems);
  const when = readCondition(fields, problems);
  const action = readAction(fields, problems);
  if (selection === undefined || action === undefined || problems.count > before) return undefined;
  checkFit(fields, selection, action, problems);
  if (problems.count > before) return undefined;
  return { ...selection, when, action, place: problems.placeOf(fields.at), order };
}

function readCondition({ values }: Fields, problems: Problems): Condition | undefined {
  if (!values.has('when')) return undefined;
  const node = values.get('when');
  const text = readText(node, 'when', problems);
  if (text === undefined) return undefined;
  try {
    return parseCondition(text);
  } catch (error: unknown) {
    if (!(error instanceof ConditionError)) throw error;
    problems.add(placeInText(node, error.index), `when: ${error.message}`);
    return undefined;
  }
}

/** Where a character of a scalar stands in the file. Of a block scalar only the beginning is known. */
function placeInText(node: unknown, index: number): number {
  const start = asPlaced(node).range?.[0] ?? 0;
  switch (isScalar(node) ? node.type : undefined) {
    case 'QUOTE_SINGLE':
    case 'QUOTE_DOUBLE':
      return start + 1 + index;
    case 'PLAIN':
      return start + index;
    default:
      return start;
  }
}
