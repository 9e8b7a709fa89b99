// Device templates in YAML, read and checked like a profile.
import { LineCounter, parseDocument, visit } from 'yaml';

import type { Rectangle } from '../core/picture.ts';

import { ConditionError } from './condition-tokens.ts';
import { parseCondition } from './conditions.ts';
import type { Condition } from './conditions.ts';
import type { DeviceTemplate } from './device-template.ts';
import { asPlaced, readChoice, readFields, readInteger, readList, readText } from './fields.ts';
import type { Fields } from './fields.ts';
import { Problems, suggest } from './problems.ts';
import { sopClassesWhere, sopClassNames } from './sop-class-names.ts';

const FILE_KEYS = ['templates'];
const TEMPLATE_KEYS = [
  'name',
  'manufacturer',
  'model',
  'software',
  'sopClass',
  'rows',
  'columns',
  'when',
  'blank',
  'undecodable',
];
const MAX_SIZE = 65_535;

/**
 * The templates of a file.
 * @param file how messages and receipts call it
 * @throws LetheError `profile-invalid` with one line per problem
 */
export function parseTemplates(text: string, file: string): readonly DeviceTemplate[] {
  const lines = new LineCounter();
  const problems = new Problems(file, lines);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) problems.add(error.pos[0], `not valid YAML: ${error.message.split('\n')[0]}`);
  problems.throwIfAny();
  visit(document, {
    Alias: (_, alias) => {
      problems.add(alias, 'anchors and aliases are not read here; write the value out');
    },
  });
  problems.throwIfAny();
  const root = readFields(document.contents, FILE_KEYS, 'a file of device templates', problems);
  const templates =
    root === undefined
      ? []
      : readList(root.values.get('templates'), 'templates', problems)
          .map((node) => readTemplate(node, problems))
          .filter((template) => template !== undefined);
  problems.throwIfAny();
  return templates;
}

function readTemplate(node: unknown, problems: Problems): DeviceTemplate | undefined {
  const fields = readFields(node, TEMPLATE_KEYS, 'a device template', problems);
  if (fields === undefined) return undefined;
  const { values } = fields;
  const text = (key: string): string | undefined =>
    values.has(key) ? readText(values.get(key), key, problems) : undefined;
  const size = (key: string): number | undefined =>
    values.has(key) ? readInteger(values.get(key), 1, MAX_SIZE, key, problems) : undefined;
  const name = text('name');
  if (name === undefined) problems.add(fields.at, 'a device template needs a name, which receipts tell');
  const undecodable = values.has('undecodable')
    ? readChoice(values.get('undecodable'), ['pass', 'quarantine'], 'undecodable', problems)
    : undefined;
  const blank = values.has('blank')
    ? readList(values.get('blank'), 'blank', problems).map((entry) => readRectangle(entry, problems))
    : [];
  const template: DeviceTemplate = {
    name: name ?? '',
    place: problems.placeOf(fields.at),
    manufacturer: text('manufacturer'),
    model: text('model'),
    software: text('software'),
    sopClassUids: readSopClasses(fields, problems),
    rows: size('rows'),
    columns: size('columns'),
    when: readWhen(fields, problems),
    blank: blank.filter((rectangle) => rectangle !== undefined),
    mayPass: undecodable === 'pass',
  };
  if (blank.length === 0 && !template.mayPass)
    problems.add(fields.at, 'blank says where this device writes; write blank: [[x, y, width, height]]');
  if (!isForSomething(template))
    problems.add(fields.at, 'a template without a condition would hold for every image; write manufacturer: or when:');
  return template;
}

function isForSomething({ manufacturer, model, software, sopClassUids, when }: DeviceTemplate): boolean {
  return (
    manufacturer !== undefined ||
    model !== undefined ||
    software !== undefined ||
    sopClassUids.length > 0 ||
    when !== undefined
  );
}

/** `[x, y, width, height]`. */
function readRectangle(node: unknown, problems: Problems): Rectangle | undefined {
  const entries = readList(node, 'a rectangle', problems);
  if (entries.length !== 4) {
    problems.add(asPlaced(node), 'a rectangle is [x, y, width, height], counted from the upper left corner');
    return undefined;
  }
  const [x, y] = entries.slice(0, 2).map((entry) => readInteger(entry, 0, MAX_SIZE, 'x and y', problems));
  const [width, height] = entries
    .slice(2)
    .map((entry) => readInteger(entry, 1, MAX_SIZE, 'width and height', problems));
  if (x === undefined || y === undefined || width === undefined || height === undefined) return undefined;
  return { x, y, width, height };
}

/** By the names of PS3.6; a part of a name means all that hold it. */
function readSopClasses({ values }: Fields, problems: Problems): readonly string[] {
  if (!values.has('sopClass')) return [];
  const node = values.get('sopClass');
  const wanted = readText(node, 'sopClass', problems);
  if (wanted === undefined) return [];
  const plain = wanted.toLowerCase();
  const uids = sopClassesWhere((name, uid) => name.toLowerCase().includes(plain) || uid === wanted);
  if (uids.length === 0)
    problems.add(
      asPlaced(node),
      `no storage SOP class is called "${wanted}"${suggest(wanted, sopClassNames(), 'write a name of PS3.6, or a part of one')}`,
    );
  return uids;
}

function readWhen({ values }: Fields, problems: Problems): Condition | undefined {
  if (!values.has('when')) return undefined;
  const node = values.get('when');
  const source = readText(node, 'when', problems);
  if (source === undefined) return undefined;
  try {
    return parseCondition(source);
  } catch (error: unknown) {
    if (!(error instanceof ConditionError)) throw error;
    problems.add(asPlaced(node), `when: ${error.message}`);
    return undefined;
  }
}
