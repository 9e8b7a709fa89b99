// Elements and attributes of HTML by what becomes of them (HTML Living Standard, chapter 4; the obsolete ones that reports still use).

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/));
}

/** Elements that never hold anything, or whose end is mostly left out. */
export const VOID = setOf(
  'area base br col embed hr img input link meta param source track wbr p li td th tr dt dd option thead tbody tfoot colgroup',
);

/** Markup inside a line: text on both sides of it is one text. Any other element ends the line. */
export const INLINE = setOf(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span strike strong sub sup time tt u var wbr nobr',
);

/** What stands for a reader between the texts before and behind it. */
export const BLOCK_SEPARATORS: ReadonlyMap<string, string> = new Map([
  ['br', '\n'],
  ['th', ': '],
  ['dt', ': '],
  ['td', ' | '],
  ['dd', '\n'],
]);

/** Goes with all that is in it: it runs, is fetched, is not shown, or cannot be judged. */
export const REMOVED = setOf(
  'script noscript template iframe frame frameset noframes object embed applet param svg math canvas audio video source track img picture map area link meta base portal dialog slot datalist bgsound xml title-bar',
);

/** Stays as an element; any other one leaves its children in its place. */
export const KEPT = setOf(
  [...INLINE].join(' ') +
    ' html head title body style h1 h2 h3 h4 h5 h6 p div hr br pre blockquote center address article aside section nav header footer main figure figcaption' +
    ' ul ol li dl dt dd menu dir table caption colgroup col thead tbody tfoot tr th td form fieldset legend input textarea select option optgroup button details summary',
);

/** Each value is judged; all others go. */
export const ATTRIBUTES = setOf(
  'align valign width height border cellpadding cellspacing bgcolor color size face dir lang start type scope colspan rowspan nowrap rules frame clear noshade compact span char charoff alt title summary abbr axis style value checked disabled selected readonly rows cols label reversed open datetime placeholder',
);
