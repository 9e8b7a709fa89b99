// Combinations of options, dates, pixels and rules that contradict each other, or that this version cannot carry out (PS3.15 E.3, 2026d).
import type { OptionName } from '../standard/table-e1-1.ts';

import type { ProfileContent } from './compiled.ts';
import type { ProfileDraft } from './content-reader.ts';
import type { Problems } from './problems.ts';
import type { Rule } from './rules.ts';

const FULL_DATES = 'retain-longitudinal-full-dates';
const MODIFIED_DATES = 'retain-longitudinal-modified-dates';

/** Options that no profile can have yet, and what to do instead: an option that is silently not carried out would be a false promise. */
const NOT_CARRIED_OUT: ReadonlyMap<OptionName, string> = new Map<OptionName, string>([
  [
    'clean-recognizable-visual-features',
    'this version cannot take a face out of a volume (E.3.2); leave it out, and hold such series back: { when: \'RecognizableVisualFeatures = "YES"\', action: quarantine }',
  ],
]);

/** Whether anything moves dates by the shift of a subject. */
export function shiftsDates(options: readonly OptionName[], rules: readonly Rule[]): boolean {
  return options.includes(MODIFIED_DATES) || rules.some(movesDate);
}

function movesDate({ action }: Rule): boolean {
  return action.kind === 'date' && action.to === 'shift';
}

/** Reports everything in a complete profile that cannot be meant. Inherited parts are reported where the file asks for them. */
export function checkCombination(content: ProfileContent, draft: ProfileDraft, problems: Problems): void {
  const placeOf = (key: string) => draft.places.get(key) ?? draft.places.get('extends') ?? draft.at;
  const { options, rules, pixels } = content;
  for (const option of options) {
    const instead = NOT_CARRIED_OUT.get(option);
    if (instead !== undefined) problems.add(placeOf('options'), `${option}: ${instead}`);
  }
  if (options.includes(FULL_DATES) && options.includes(MODIFIED_DATES)) {
    problems.add(
      placeOf('options'),
      `${FULL_DATES} and ${MODIFIED_DATES} contradict each other: full and modified dates cannot both be retained (PS3.15 E.3.6); choose one`,
    );
  } else if (options.includes(FULL_DATES) && rules.some(movesDate)) {
    problems.add(
      placeOf('options'),
      `a rule moves dates while ${FULL_DATES} keeps the others: who sees both can compute the shift; let the rule write to: month, year or remove, or choose ${MODIFIED_DATES}`,
    );
  }
  checkShift(content, draft, problems);
  if (pixels.text === 'off' && options.includes('clean-pixel-data')) {
    problems.add(
      placeOf('pixels'),
      'text: off contradicts the option clean-pixel-data, which promises that no burned-in text leaves; leave one out',
    );
  } else if (pixels.text === 'off' && pixels.keepText.length > 0) {
    problems.add(placeOf('pixels'), 'keepText says what may stay, but text: off lets all text stay; leave one out');
  }
}

function checkShift({ options, rules, maxShiftDays }: ProfileContent, draft: ProfileDraft, problems: Problems): void {
  const isShifting = shiftsDates(options, rules);
  const dates = draft.places.get('dates');
  if (!isShifting && dates !== undefined) {
    problems.add(
      dates,
      `nothing here shifts dates; add the option ${MODIFIED_DATES} or a rule with action: date, or leave dates out`,
    );
  }
  if (isShifting && maxShiftDays === 0) {
    const cause = options.includes(MODIFIED_DATES) ? `the option ${MODIFIED_DATES}` : 'a rule with action: date';
    problems.add(
      draft.places.get('options') ?? draft.places.get('rules') ?? draft.at,
      `${cause} needs to know how far dates may be moved; add dates: { shiftDays: { max: 365 } }`,
    );
  }
}
