// What a walk over an instance works with, and the surroundings of an element on the way.
import type { CharacterSet } from '../dicom/character-set.ts';
import type { DataSet, Element, Encoding, OutputElement } from '../dicom/element.ts';

import type { ActionTable } from './action-table.ts';
import type { ConditionScope } from './condition-scope.ts';
import type { HeaderBytes } from './header-bytes.ts';
import type { IdentifyingValue } from './identifiers.ts';
import type { ProjectKeys } from './keys.ts';
import type { Place } from './place.ts';
import type { Subject } from './subject.ts';

/** What to do to a kept value that turned out to identify: a value without that, or the decision's `whenResidual`. */
export type Repair = Buffer | 'as-residual';

export interface WalkJob {
  readonly dataSet: DataSet;
  readonly bytes: HeaderBytes;
  readonly table: ActionTable;
  readonly conditions: ConditionScope;
  readonly characterSet: CharacterSet;
  readonly subject: Subject;
  readonly keys: ProjectKeys;
  readonly repairs: ReadonlyMap<Element, Repair>;
  /** Days by which dates in texts are moved; undefined when they are taken out. */
  readonly textShiftDays: number | undefined;
  /** What earlier instances told of the same patient. */
  readonly known?: readonly IdentifyingValue[];
}

/** The list of elements that an element stands in: the data set or an item. */
export interface Level {
  readonly elements: readonly Element[];
  readonly encoding: Encoding;
  readonly place: Place;
  readonly characterSet: CharacterSet;
  readonly depth: number;
  /** What leaves of it. */
  readonly output: OutputElement[];
}
