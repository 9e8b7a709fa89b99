// Character sets of RTF: \ansicpg of the document and \fcharset of each font, as labels of the WHATWG encoding standard.

const BY_CODE_PAGE: ReadonlyMap<number, string> = new Map([
  [437, 'ibm866'],
  [866, 'ibm866'],
  [874, 'windows-874'],
  [932, 'shift_jis'],
  [936, 'gbk'],
  [949, 'euc-kr'],
  [950, 'big5'],
  [10000, 'macintosh'],
  [65001, 'utf-8'],
  ...[1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258].map((page) => [page, `windows-${page}`] as const),
]);

const BY_FONT_CHARSET: ReadonlyMap<number, string> = new Map([
  [0, 'windows-1252'],
  [77, 'macintosh'],
  [128, 'shift_jis'],
  [129, 'euc-kr'],
  [134, 'gbk'],
  [136, 'big5'],
  [161, 'windows-1253'],
  [162, 'windows-1254'],
  [163, 'windows-1258'],
  [177, 'windows-1255'],
  [178, 'windows-1256'],
  [186, 'windows-1257'],
  [204, 'windows-1251'],
  [222, 'windows-874'],
  [238, 'windows-1250'],
]);

export const DEFAULT_ENCODING = 'windows-1252';

export function encodingOfCodePage(page: number): string {
  return BY_CODE_PAGE.get(page) ?? DEFAULT_ENCODING;
}

/** Undefined for a font that follows the document. */
export function encodingOfFont(charset: number): string | undefined {
  return BY_FONT_CHARSET.get(charset);
}

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

export function decode(bytes: Buffer, encoding: string): string {
  let decoder = decoders.get(encoding);
  if (decoder === undefined) {
    decoder = new TextDecoder(encoding);
    decoders.set(encoding, decoder);
  }
  return decoder.decode(bytes);
}
