// Where a device draws text into its images: a condition and rectangles. Written in YAML, shipped in profiles/templates.
import type { Rectangle } from '../core/picture.ts';
import type { Condition } from './conditions.ts';
import { evaluate } from './evaluate.ts';
import type { Attributes } from './evaluate.ts';
import { TAG } from '../standard/tags.ts';

export interface DeviceTemplate {
  readonly name: string;
  /** `file:line`, for receipts. */
  readonly place: string;
  /** Each is part of the attribute's value, upper and lower case alike. */
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly software: string | undefined;
  /** Any of these; none: any SOP class. */
  readonly sopClassUids: readonly string[];
  readonly rows: number | undefined;
  readonly columns: number | undefined;
  readonly when: Condition | undefined;
  /** In pixels of the frame; they may reach beyond it. */
  readonly blank: readonly Rectangle[];
  /** Video of this device may pass although nothing here looks at its frames. */
  readonly mayPass: boolean;
}

/** Whether a template is meant for an instance. */
export function appliesTo(template: DeviceTemplate, attributes: Attributes): boolean {
  const { sopClassUids, rows, columns, when } = template;
  return (
    holds(attributes, TAG.Manufacturer, template.manufacturer) &&
    holds(attributes, TAG.ManufacturerModelName, template.model) &&
    holds(attributes, TAG.SoftwareVersions, template.software) &&
    (sopClassUids.length === 0 || attributes.values(TAG.SOPClassUID).some((uid) => sopClassUids.includes(uid))) &&
    isSize(attributes, TAG.Rows, rows) &&
    isSize(attributes, TAG.Columns, columns) &&
    (when === undefined || evaluate(when, attributes))
  );
}

function holds(attributes: Attributes, tag: number, part: string | undefined): boolean {
  if (part === undefined) return true;
  return attributes.values(tag).some((value) => value.toLowerCase().includes(part.toLowerCase()));
}

function isSize(attributes: Attributes, tag: number, size: number | undefined): boolean {
  return size === undefined || attributes.values(tag).some((value) => Number(value) === size);
}
