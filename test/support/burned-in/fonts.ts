// The fonts of Debian that are installed, parted into those for training and those for evaluation.
import { existsSync } from 'node:fs';
import type { Share } from './texts.ts';

/** Where packages lie; those that are unpacked elsewhere are found through this variable. */
const ROOTS = ['/usr/share', ...(process.env.TEXT_FINDER_FONTS?.split(':') ?? [])];

/** Files of fonts, by how they are drawn; empty on a machine without. */
export interface FontFiles {
  readonly outline: readonly string[];
  /** Bitmaps of X11: xfonts-base, xfonts-terminus. */
  readonly pcf: readonly string[];
  /** Strokes of a plotter: hershey-fonts-data. */
  readonly hershey: readonly string[];
}

export const NO_FONTS: FontFiles = { outline: [], pcf: [], hershey: [] };

const find = (folders: readonly string[], names: readonly string[]): readonly string[] =>
  names.flatMap((name) =>
    ROOTS.flatMap((root) => folders.map((folder) => `${root}/${folder}/${name}`)).filter((file) => existsSync(file)),
  );
const outlines = (names: readonly string[]): readonly string[] =>
  find(['fonts/truetype', 'fonts/opentype/urw-base35'], names);
const bitmaps = (names: readonly string[]): readonly string[] =>
  find(
    ['fonts/X11/misc'],
    names.map((name) => `${name}.pcf.gz`),
  );
const strokes = (names: readonly string[]): readonly string[] =>
  find(
    ['hershey-fonts'],
    names.map((name) => `${name}.jhf`),
  );

/** Training and evaluation share no font but DejaVu Sans, of which almost everything is made. */
export const FONTS: Readonly<Record<Share, FontFiles>> = {
  training: {
    outline: outlines([
      'dejavu/DejaVuSans.ttf',
      'dejavu/DejaVuSans-Bold.ttf',
      'dejavu/DejaVuSansMono.ttf',
      'dejavu/DejaVuSansCondensed.ttf',
      'dejavu/DejaVuSans-Oblique.ttf',
      'dejavu/DejaVuSerif.ttf',
      'liberation/LiberationSerif-Regular.ttf',
      'liberation/LiberationSans-Bold.ttf',
      'droid/DroidSansFallbackFull.ttf',
      'NimbusSans-Regular.otf',
      'NimbusRoman-Regular.otf',
      'NimbusMonoPS-Regular.otf',
      'NimbusSansNarrow-Bold.otf',
      'URWBookman-Light.otf',
    ]),
    pcf: bitmaps(['6x13', '7x13', '8x13', '9x15', '10x20', '6x10', '5x8', 'ter-u12n_iso-8859-1', 'ter-u16n_iso-8859-1', 'ter-u24b_iso-8859-1']), // prettier-ignore
    hershey: strokes(['futural', 'rowmans', 'timesi', 'gothitt']),
  },
  evaluation: {
    outline: outlines([
      'liberation/LiberationSans-Regular.ttf',
      'liberation/LiberationMono-Regular.ttf',
      'noto/NotoSansMono-Regular.ttf',
      'noto/NotoMono-Regular.ttf',
      'NimbusSans-Bold.otf',
      'NimbusSansNarrow-Regular.otf',
      'URWGothic-Book.otf',
      'NimbusMonoPS-Bold.otf',
      'C059-Roman.otf',
      'P052-Italic.otf',
      'dejavu/DejaVuSans.ttf',
    ]),
    pcf: bitmaps(['6x12', '7x14', 'clR8x16', '9x18', '8x13B', 'ter-u14n_iso-8859-1', 'ter-u18n_iso-8859-1', 'ter-u28n_iso-8859-1']), // prettier-ignore
    hershey: strokes(['futuram', 'rowmand', 'timesr', 'scripts']),
  },
};
