// One line of `lethe doctor`.

export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warn' | 'fail';
  /** What was found; for warn and fail also what to do. */
  readonly message: string;
}

export const ok = (check: string, message: string): Finding => ({ check, result: 'ok', message });
export const warn = (check: string, message: string): Finding => ({ check, result: 'warn', message });
export const fail = (check: string, message: string): Finding => ({ check, result: 'fail', message });
