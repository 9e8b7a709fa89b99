// Compound action codes of Table E.1-1 decided by the attribute's Type in the IOD (PS3.15 Table E.1-1a, 2026d).
import type { AttributeType } from '../standard/attribute-types.ts';
import type { ActionCode } from '../standard/table-e1-1.ts';

/** One action of the Basic Profile. `U`: UIDs are replaced; on a sequence, those inside it. */
export type ActionLetter = 'X' | 'Z' | 'D' | 'U';

const LETTERS: Readonly<Record<ActionCode, readonly ActionLetter[]>> = {
  X: ['X'],
  Z: ['Z'],
  D: ['D'],
  U: ['U'],
  'X/Z': ['X', 'Z'],
  'X/D': ['X', 'D'],
  'Z/D': ['Z', 'D'],
  'X/Z/D': ['X', 'Z', 'D'],
  'X/Z/U*': ['X', 'Z', 'U'],
};

/**
 * The action for an attribute that is present: the weakest of the code's letters that keeps the instance valid. Type 3 needs
 * no value (X), Type 2 an empty one (Z), Type 1 a value (D, or U in a sequence of references); a conditional Type counts as
 * its unconditional one, because the attribute is there. An unknown Type takes the strongest letter, which is valid for all.
 *
 * Where the table's letter would break the IOD, the next stronger one that tells as little is taken, because de-identified
 * instances have to stay valid: Z on Type 1 becomes D (E.1-1a lets Z be a dummy), X on Type 1 becomes D (Presentation
 * Creation Date), X on Type 2 becomes Z. Source Image Sequence and its like keep replaced references also on Type 2: emptied,
 * they would contradict the Common Instance Reference Module (PS3.3 C.12.2), which lists the same instances.
 */
export function letterFor(code: ActionCode, type: AttributeType | undefined): ActionLetter {
  const letters = LETTERS[code];
  const strongest = letters[letters.length - 1];
  switch (type) {
    case '1':
      return strongest === 'X' || strongest === 'Z' ? 'D' : strongest;
    case '1C':
      return strongest === 'Z' ? 'D' : strongest;
    case '2':
      return strongest === 'X' ? 'Z' : emptyOr(letters);
    case '2C':
      return emptyOr(letters);
    case '3':
      return letters[0];
    case undefined:
      return strongest;
  }
}

function emptyOr(letters: readonly ActionLetter[]): ActionLetter {
  const strongest = letters[letters.length - 1];
  return letters.includes('Z') && strongest !== 'U' ? 'Z' : strongest;
}
