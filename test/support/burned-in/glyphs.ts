// A bitmap font of 5 x 8 pixels (the last row holds descenders) for the printable characters of ASCII, and what text is made of.

/** Columns of each character from the space on, five bytes each, the lowest bit on top. */
const COLUMNS = Buffer.from(
  [
    '0000000000', '00005F0000', '0007000700', '147F147F14', '242A7F2A12', '2313086462', '3649562050', '0008070300',
    '001C224100', '0041221C00', '2A1C7F1C2A', '08083E0808', '0080703000', '0808080808', '0000606000', '2010080402',
    '3E5149453E', '00427F4000', '7249494946', '2141494D33', '1814127F10', '2745454539', '3C4A494931', '4121110907',
    '3649494936', '464949291E', '0000140000', '0040340000', '0008142241', '1414141414', '0041221408', '0201590906',
    '3E415D594E', '7C1211127C', '7F49494936', '3E41414122', '7F4141413E', '7F49494941', '7F09090901', '3E41415173',
    '7F0808087F', '00417F4100', '2040413F01', '7F08142241', '7F40404040', '7F021C027F', '7F0408107F', '3E4141413E',
    '7F09090906', '3E4151215E', '7F09192946', '2649494932', '03017F0103', '3F4040403F', '1F2040201F', '3F4038403F',
    '6314081463', '0304780403', '6159494D43', '007F414141', '0204081020', '004141417F', '0402010204', '4040404040',
    '0003070800', '2054547840', '7F28444438', '3844444428', '384444287F', '3854545418', '00087E0902', '18A4A49C78',
    '7F08040478', '00447D4000', '2040403D00', '7F10284400', '00417F4000', '7C04780478', '7C08040478', '3844444438',
    'FC18242418', '18242418FC', '7C08040408', '4854545424', '04043F4424', '3C4040207C', '1C2040201C', '3C4030403C',
    '4428102844', '4C9090907C', '4464544C44', '0008364100', '0000770000', '0041360800', '0201020402',
  ].join(''),
  'hex',
); // prettier-ignore

export const GLYPH_COLUMNS = 5;
export const GLYPH_ROWS = 8;
/** Rows of a capital letter. */
export const CAPITAL_ROWS = 7;

function indexOf(character: string): number {
  const code = character.charCodeAt(0) - 0x20;
  return code >= 0 && code * GLYPH_COLUMNS < COLUMNS.length ? code : 0x3f - 0x20;
}

/** True when the character has ink at this place of the grid; an unknown character is a question mark. */
export function hasInk(character: string, column: number, row: number): boolean {
  if (column < 0 || row < 0 || column >= GLYPH_COLUMNS || row >= GLYPH_ROWS) return false;
  return ((COLUMNS[indexOf(character) * GLYPH_COLUMNS + column] >> row) & 1) === 1;
}

/** A line between two places of the grid. */
export type Stroke = readonly [x0: number, y0: number, x1: number, y1: number];

const strokesByCharacter = new Map<string, readonly Stroke[]>();

/** The character as strokes of a plotter: neighbouring places joined, diagonally only where no corner joins them already. */
export function strokesOf(character: string): readonly Stroke[] {
  const known = strokesByCharacter.get(character);
  if (known !== undefined) return known;
  const strokes: Stroke[] = [];
  for (let x = 0; x < GLYPH_COLUMNS; x++)
    for (let y = 0; y < GLYPH_ROWS; y++) {
      if (!hasInk(character, x, y)) continue;
      const before = strokes.length;
      if (hasInk(character, x + 1, y)) strokes.push([x, y, x + 1, y]);
      if (hasInk(character, x, y + 1)) strokes.push([x, y, x, y + 1]);
      for (const side of [-1, 1])
        if (hasInk(character, x + side, y + 1) && !hasInk(character, x + side, y) && !hasInk(character, x, y + 1))
          strokes.push([x, y, x + side, y + 1]);
      if (strokes.length === before) strokes.push([x, y, x, y]);
    }
  strokesByCharacter.set(character, strokes);
  return strokes;
}
