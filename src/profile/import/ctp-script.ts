// The file format of CTP's DicomAnonymizer: a flat <script> of p, e, k and r elements with text in them. Read strictly: no document
// type, no entities but the five of XML, no nesting, so that nothing has to be resolved.
import { LetheError } from '../../core/errors.ts';

export interface CtpEntry {
  /** p: parameter; e: element; k: group to keep; r: what to remove. */
  readonly kind: 'p' | 'e' | 'k' | 'r';
  /** `t`: name of the parameter, tag, group, or `privategroups`. */
  readonly subject: string;
  /** `n`: what the script calls it. */
  readonly name: string;
  readonly isEnabled: boolean;
  readonly text: string;
  /** `file:line`. */
  readonly where: string;
}

const ENTITIES: Partial<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const MAX_ENTRIES = 20_000;

/** @throws LetheError `profile-invalid` with file:line:column */
export function readCtpScript(source: string, file: string): readonly CtpEntry[] {
  return new Reader(source, file).read();
}

class Reader {
  readonly #source: string;
  readonly #file: string;
  #at = 0;
  /** Line of `#counted`, so that each line is counted once. */
  #line = 1;
  #counted = 0;

  constructor(source: string, file: string) {
    this.#source = source;
    this.#file = file;
  }

  read(): readonly CtpEntry[] {
    this.#skip();
    if (this.#match(/<\?xml[^?<>]*\?>/y) !== undefined) this.#skip();
    if (this.#match(/<script\s*>/y) === undefined) throw this.#refuse('no CTP script: write <script> here');
    const entries: CtpEntry[] = [];
    this.#skip();
    while (this.#match(/<\/script\s*>/y) === undefined) {
      if (entries.length >= MAX_ENTRIES) throw this.#refuse(`more than ${MAX_ENTRIES} entries`);
      entries.push(this.#entry());
      this.#skip();
    }
    this.#skip();
    if (this.#at < this.#source.length) throw this.#refuse('nothing may stand behind </script>');
    return entries;
  }

  /** Passes over white space and comments. */
  #skip(): void {
    this.#match(/\s+/y);
    while (this.#source.startsWith('<!--', this.#at)) {
      const end = this.#source.indexOf('-->', this.#at + 4);
      if (end === -1) throw this.#refuse('this comment never ends');
      this.#at = end + 3;
      this.#match(/\s+/y);
    }
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match !== null) this.#at += match[0].length;
    return match ?? undefined;
  }

  #entry(): CtpEntry {
    const where = `${this.#file}:${this.#lineAt(this.#at)}`;
    if (this.#source.startsWith('<!', this.#at)) throw this.#refuse('document types and CDATA sections are not read');
    const open = this.#match(/<([pekr])(?=[\s/>])/y);
    if (open === undefined) throw this.#refuse('only <p>, <e>, <k> and <r> are known here');
    const attributes = this.#attributes();
    const isEmpty = this.#match(/\s*\/>/y) !== undefined;
    if (!isEmpty && this.#match(/\s*>/y) === undefined) throw this.#refuse('write > here');
    const text = isEmpty ? '' : this.#decode(this.#match(/[^<]*/y)?.[0] ?? '');
    if (!isEmpty && this.#match(new RegExp(`</${open[1]}\\s*>`, 'y')) === undefined)
      throw this.#refuse(`write </${open[1]}> here; elements do not stand in each other`);
    const isEnabled = (attributes.get('en') ?? 'T').toUpperCase() !== 'F';
    return {
      kind: open[1] as CtpEntry['kind'],
      subject: (attributes.get('t') ?? '').trim(),
      name: (attributes.get('n') ?? '').trim(),
      isEnabled,
      text: text.trim(),
      where,
    };
  }

  #attributes(): ReadonlyMap<string, string> {
    const attributes = new Map<string, string>();
    for (;;) {
      const match = this.#match(/\s+([A-Za-z_][\w.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y);
      if (match === undefined) return attributes;
      const [, key, double, single] = match as unknown as [string, string, string?, string?];
      if (attributes.has(key)) throw this.#refuse(`the attribute ${key} stands twice`);
      attributes.set(key, this.#decode(double ?? single ?? ''));
    }
  }

  #decode(text: string): string {
    return text.replace(/&([^;]{0,10};?)/g, (_, inside: string) => {
      const name = inside.replace(/;$/, '');
      const number = /^#(?:x([\dA-Fa-f]{1,6})|(\d{1,7}))$/.exec(name) as unknown as [string, string?, string?] | null;
      const point =
        number === null ? undefined : Number.parseInt(number[1] ?? number[2] ?? '', number[1] === undefined ? 10 : 16);
      const known = point === undefined ? ENTITIES[name] : point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
      if (known === undefined || !inside.endsWith(';'))
        throw this.#refuse('only &lt; &gt; &amp; &quot; &apos; and numbers are known');
      return known;
    });
  }

  #refuse(message: string): LetheError {
    const line = this.#lineAt(this.#at);
    const column = this.#at - this.#source.lastIndexOf('\n', this.#at - 1);
    return new LetheError('profile-invalid', `${this.#file}:${line}:${column}: ${message}`);
  }

  /** Places are asked for in the order of the file. */
  #lineAt(offset: number): number {
    for (let next = this.#source.indexOf('\n', this.#counted); next !== -1 && next < offset;) {
      this.#line++;
      this.#counted = next + 1;
      next = this.#source.indexOf('\n', this.#counted);
    }
    return this.#line;
  }
}
