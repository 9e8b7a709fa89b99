// SOP classes by the names that PS3.6 gives them, as conditions write them.
import { STORAGE_SOP_CLASSES } from '../standard/sop-classes.ts';

/** UIDs, ascending, of the storage SOP classes for which `holds` does. */
export function sopClassesWhere(holds: (name: string, uid: string) => boolean): readonly string[] {
  return STORAGE_SOP_CLASSES.filter(({ name, uid }) => holds(name, uid))
    .map(({ uid }) => uid)
    .sort();
}

export function sopClassNames(): readonly string[] {
  return STORAGE_SOP_CLASSES.map(({ name }) => name);
}
