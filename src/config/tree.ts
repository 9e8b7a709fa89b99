// The configuration before it is checked: the YAML file and the environment as one tree that remembers where each value stands.
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';

export type Path = readonly (string | number)[];
export type Tree = Record<string, unknown>;

/** One thing that is wrong, and where: `lethe.yaml:3:7`, or the name of an environment variable. */
export interface Problem {
  readonly where: string;
  readonly message: string;
}

/** Raw settings and the place of each. */
export class SettingsTree {
  readonly root: Tree;
  readonly problems: Problem[] = [];
  readonly #file: string | undefined;
  readonly #document: Document | undefined;
  readonly #lines = new LineCounter();
  readonly #variables = new Map<string, string>();

  /** @param file name to show in messages; @param text its content. Both undefined: an empty tree. */
  constructor(file?: string, text?: string) {
    this.#file = file;
    this.#document =
      text === undefined ? undefined : parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true });
    for (const error of this.#document?.errors ?? [])
      this.problems.push({
        where: this.#position(error.pos[0]),
        message: describeYamlError(error.code, error.message),
      });
    const root: unknown = this.problems.length === 0 ? this.#document?.toJS() : undefined;
    if (root !== undefined && root !== null && !isTree(root))
      this.problems.push({ where: this.#position(0), message: 'write keys and values, for example `aeTitle: LETHE`' });
    this.root = isTree(root) ? (withoutNulls(root) as Tree) : {};
  }

  /** Sets a value that comes from an environment variable; it wins over the file. */
  set(path: Path, value: unknown, variable: string): void {
    let node: Tree | unknown[] = this.root;
    path.slice(0, -1).forEach((step, i) => {
      const container = node as Record<string | number, unknown>;
      const next = Object.hasOwn(container, step) ? container[step] : undefined;
      if (isTree(next) || Array.isArray(next)) node = next;
      else {
        const created: Tree | unknown[] = typeof path[i + 1] === 'number' ? [] : {};
        container[step] = created;
        node = created;
      }
    });
    (node as Record<string | number, unknown>)[path[path.length - 1]] = value;
    this.#variables.set(JSON.stringify(path), variable);
  }

  /** Where the value at `path` was written; for one that is missing, where its nearest surroundings were. */
  locate(path: Path): string {
    for (let length = path.length; length >= 0; length--) {
      const prefix = path.slice(0, length);
      const variable = this.#variables.get(JSON.stringify(prefix));
      if (variable !== undefined) return variable;
      const offset = this.#offsetOf(prefix);
      if (offset !== undefined) return this.#position(offset);
    }
    return this.#file ?? 'default';
  }

  #offsetOf(path: Path): number | undefined {
    let node: unknown = this.#document?.contents;
    let keyOffset: number | undefined;
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
        if (pair === undefined) return undefined;
        keyOffset = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
        node = pair.value;
      } else if (isSeq(node)) {
        keyOffset = undefined;
        node = node.items[Number(step)];
      } else return undefined;
    }
    if (isScalar(node) || isMap(node) || isSeq(node))
      return isScalar(node) ? node.range?.[0] : (keyOffset ?? node.range?.[0]);
    return keyOffset;
  }

  /** Where the key itself stands, for one that should not be there. */
  locateKey(path: Path): string {
    const parent: unknown =
      path.length === 1 ? this.#document?.contents : this.#document?.getIn(path.slice(0, -1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(path[path.length - 1]))
      : undefined;
    const offset = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
    return offset === undefined ? this.locate(path) : this.#position(offset);
  }

  #position(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file ?? ''}:${line}:${col}`;
  }
}

function describeYamlError(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in the same group; keep one';
  // yaml's first line is its own wording; the following ones quote the file.
  return `not valid YAML: ${message.split('\n')[0].replace(/ at line \d+, column \d+:?$/, '')}`;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key without a value (`dicom:`) counts as not written. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isTree(value)) return value;
  const kept: Tree = {};
  for (const [key, child] of Object.entries(value)) {
    if (child === null) continue;
    Object.defineProperty(kept, key, {
      value: withoutNulls(child),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return kept;
}
