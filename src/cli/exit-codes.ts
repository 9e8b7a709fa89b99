// What a command tells the shell (DESIGN.md, "Command line and exit codes").

export const EXIT = {
  done: 0,
  /** Something was quarantined or failed. */
  failed: 1,
  /** Wrong usage or configuration; `echo` and `send`: nobody to talk to at the address given. */
  usage: 2,
  /** Nothing found. */
  notFound: 3,
  /** `start`: another process has the data directory. It may be about to end, so that a supervisor may try again, as it must not after 2. */
  locked: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
