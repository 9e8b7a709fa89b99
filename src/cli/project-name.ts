// The name of a project as a command takes it.
import { LetheError } from '../core/errors.ts';

/** @throws LetheError `usage` unless the project's name is one that a configuration may hold */
export function requireProjectName(name: string): string {
  if (/^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name)) return name;
  throw new LetheError('usage', 'a project name has letters, digits, dots, hyphens and underscores');
}
