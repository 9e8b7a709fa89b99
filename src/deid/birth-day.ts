// A birth date that stands as another date of the instance (PS3.15 E.3.6 keeps and moves dates of studies, not that one).
import type { Element } from '../dicom/element.ts';
import { findElement } from '../dicom/values.ts';
import { TAG } from '../standard/tags.ts';

import type { HeaderBytes } from './header-bytes.ts';

/** The dates that say when an instance was made. */
const STUDY_DATES = [TAG.StudyDate, TAG.SeriesDate, TAG.AcquisitionDate, TAG.ContentDate];
const DAY_MS = 86_400_000;
const DATE = /^(\d{4})\.?(\d{2})\.?(\d{2})/;

/** True when one of the values of a DA or DT is the birth date, YYYYMMDD, with or without a time of day. */
export function namesDay(value: string, birthDate: string): boolean {
  return value.split('\\').some((one) => one.trim().startsWith(birthDate));
}

/**
 * True for a newborn: the study is of the day of birth, or of the day before or behind it, since one that begins before midnight ends behind
 * it. The Study Date has to say so, and more than half of the dates of the instance: one that is equal by itself may be the birth date that
 * somebody wrote there.
 */
export function isBornAtStudy(birthDate: string, elements: readonly Element[], bytes: HeaderBytes): boolean {
  const birth = dayNumberOf(birthDate);
  if (birth === undefined) return false;
  const days = STUDY_DATES.map((tag) => {
    const element = findElement(elements, tag);
    return element === undefined ? undefined : dayNumberOf(bytes.text(element) ?? '');
  });
  const isNear = (day: number | undefined): boolean => day !== undefined && Math.abs(day - birth) <= 1;
  const known = days.filter((day) => day !== undefined);
  return (days[0] === undefined || isNear(days[0])) && 2 * known.filter(isNear).length > known.length;
}

/** Days since 1970; undefined for what does not begin with a date. */
function dayNumberOf(value: string): number | undefined {
  const match = DATE.exec(value);
  return match === null ? undefined : Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / DAY_MS;
}
