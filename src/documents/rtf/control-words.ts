// Control words of RTF (Rich Text Format Specification 1.9.1) by what becomes of them. One that stands in no list goes: its name or its
// number may say anything.

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/));
}

/** Destinations that are no text of the document, or that nobody can judge: dropped with all that is in them. */
export const DROPPED = setOf(
  'info pict object result objdata objclass objname nonshppict shp shpgrp do filetbl private private1 tc tcn xe rxe bxe ixe txe nextfile' +
    ' comment annotation author operator title subject keywords doccomm company manager category hlinkbase creatim revtim printim buptim' +
    ' template revtbl rsidtbl footnotesep ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn macpict wmetafile pmmetafile bkmkstart bkmkend' +
    ' atnid atnauthor atntime atnicn atnref atnparent datafield fldinst mmath passwordhash userprops docvar datastore themedata' +
    ' colorschememapping latentstyles xmlnstbl generator listtable listoverridetable pgptbl protusertbl wgrffmtfilter panose falt upr',
);

/** Destinations behind \* that are kept all the same. */
export const STARRED_AND_KEPT = setOf('footnote');

/** Text of its own: what stands before and behind it is another text. */
export const TEXT_DESTINATIONS = setOf(
  'header headerl headerr headerf footer footerl footerr footerf footnote fonttbl stylesheet colortbl',
);

/** Characters that have a word. */
export const CHARACTERS: ReadonlyMap<string, string> = new Map([
  ['emdash', '\u2014'],
  ['endash', '\u2013'],
  ['emspace', '\u2003'],
  ['enspace', '\u2002'],
  ['qmspace', '\u2005'],
  ['bullet', '\u2022'],
  ['lquote', '\u2018'],
  ['rquote', '\u2019'],
  ['ldblquote', '\u201C'],
  ['rdblquote', '\u201D'],
]);

/** Ends of a text. */
export const BLOCK_ENDS = setOf('par sect page column row nestrow softpage');

/** What stands between two texts of one block for a reader. */
export const SEPARATORS: ReadonlyMap<string, string> = new Map([
  ['tab', '\t'],
  ['line', '\n'],
  ['softline', '\n'],
  ['lbr', '\n'],
  ['cell', ' | '],
  ['nestcell', ' | '],
]);

/** Looks: kept with a number of at most seven digits. */
export const FORMATTING = setOf(
  'rtf ansi mac pc pca deff adeff deflang deflangfe fonttbl f fnil froman fswiss fmodern fscript fdecor ftech fbidi fcharset fprq' +
    ' colortbl red green blue stylesheet s cs ds ts sbasedon snext slink sqformat spriority sunhideused additive field fldrslt' +
    ' header headerl headerr headerf footer footerl footerr footerf footnote chftn paperw paperh margl margr margt margb gutter facingp' +
    ' landscape viewkind viewscale widowctrl ftnbj aenddoc sectd sbknone sbkpage linex cols colsx endnhere titlepg headery footery pgwsxn' +
    ' pghsxn marglsxn margrsxn margtsxn margbsxn lndscpsxn pgnstarts pgnrestart chpgn sectnum par pard plain line lbr softline tab cell row' +
    ' nestcell nestrow page column sect trowd trgaph trleft trrh trql trqr trqc trhdr trkeep trautofit trpaddl trpaddr trpaddt trpaddb' +
    ' trpaddfl trpaddfr trpaddft trpaddfb trbrdrl trbrdrr trbrdrt trbrdrb trbrdrh trbrdrv trwWidth trftsWidth cellx clmgf clmrg clvmgf clvmrg' +
    ' clvertalt clvertalc clvertalb clbrdrl clbrdrr clbrdrt clbrdrb clcbpat clshdng clwWidth clftsWidth clpadl clpadr clpadt clpadb clpadfl' +
    ' clpadfr clpadft clpadfb irow irowband lastrow ltrrow rtlrow intbl itap brdrs brdrth brdrdb brdrdot brdrdash brdrhair brdrnone brdrw' +
    ' brdrcf brsp brdrt brdrb brdrl brdrr brdrbtw box b i ul uld uldb ulnone ulw ulth uldash ulwave strike striked caps scaps sub super' +
    ' nosupersub up dn expnd expndtw charscalex kerning outl shad embo impr fs cf cb highlight chcbpat lang langfe langnp langfenp noproof' +
    ' ltrch rtlch ltrpar rtlpar loch hich dbch af afs ab ai alang qc ql qr qj qd fi li ri lin rin sb sa sl slmult keep keepn pagebb nowidctlpar' +
    ' hyphpar sbauto saauto contextualspace outlinelevel tx tqr tqc tqdec tb tldot tlhyph tlul tleq absw absh posx posy pntext listtext' +
    ' nonesttables ilvl ls v deftab hyphauto horzdoc fcs cbpat shading faauto adjustright nowwrap wrapdefault uc ansicpg',
);
