// What a profile says about text in pixels, and the kinds of text that it may let stay.

/** Kinds of text that tell nobody who the patient is. */
export const HARMLESS_KINDS = [
  /** Side of the body and view: R, LT, RCC, L MLO. */
  'laterality',
  /** Directions at the borders of an image: A, P, H, F; position: SUPINE, PORTABLE. */
  'orientation',
  /** Lengths: 10 cm, 5 mm/div, DFOV 35.0 cm. */
  'scale',
  /** Window and level: W 400 L 40. */
  'window',
  /** What the tube did: 120 kV, 200 mA, 4 mAs. */
  'exposure',
  /** What an ultrasound machine is set to: MI 1.2, TIS 0.8, 35 fps, 5.0 MHz, gain, depth. */
  'ultrasound',
  /** How slices were taken: Thk 5.0 mm, TR 500, TE 12, Zoom 1.5. */
  'acquisition',
  /** Where in a series: Im 12/45, Frame 3, Se 2. */
  'counter',
  /** Words that only describe what is seen: LIVER, TRANSVERSE, POST CONTRAST. */
  'description',
] as const;

export type HarmlessKind = (typeof HARMLESS_KINDS)[number];

export const TEXT_POLICIES = ['blank', 'identifying', 'detect', 'off'] as const;

export interface PixelPolicy {
  /**
   * `blank`: whatever looks like text goes, unless it reads as a kind that stays. `identifying`: only what may identify goes, and what
   * cannot be read. `detect`: an instance with text that would go is held back. `off`: pixels leave as they came, and nothing is claimed.
   */
  readonly text: (typeof TEXT_POLICIES)[number];
  /** Kinds of harmless text that stay. */
  readonly keepText: readonly HarmlessKind[];
  /** Known places of text by device: those that are shipped, none, or those of a file. */
  readonly templates: 'default' | 'off' | 'file';
  /** What lies outside the regions that an ultrasound image describes (PS3.3 C.8.5.5). */
  readonly ultrasound: { readonly outsideRegions: 'blank' | 'keep' };
  /** Pixels that nothing here decodes: video, mostly. */
  readonly undecodable: 'quarantine' | 'pass';
}

const IN_WORDS: readonly HarmlessKind[] = ['description'];

/** Kinds that stay when a profile names none. */
export function keptByDefault(text: PixelPolicy['text']): readonly HarmlessKind[] {
  if (text === 'off') return [];
  return text === 'identifying' ? HARMLESS_KINDS : HARMLESS_KINDS.filter((kind) => !IN_WORDS.includes(kind));
}

/** What holds for everything that a profile does not say. */
export function pixelPolicy(said: Partial<PixelPolicy> = {}): PixelPolicy {
  const text = said.text ?? 'blank';
  return {
    keepText: keptByDefault(text),
    templates: 'default',
    ultrasound: { outsideRegions: 'keep' },
    undecodable: 'quarantine',
    ...said,
    text,
  };
}
