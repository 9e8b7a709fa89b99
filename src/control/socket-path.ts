// Where the running gateway of a data directory listens for commands.
import { join } from 'node:path';

export function controlSocketOf(dataDirectory: string): string {
  return join(dataDirectory, 'control.sock');
}
