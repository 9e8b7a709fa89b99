// Loaded before the program (`node --import`): its wall clock is off by what a file says, so that the clock of one host can be stepped while
// timers, the database and everybody else go on. Monotonic time is left alone, as it is when an administrator sets a clock.
import { readFileSync } from 'node:fs';

const READ_EVERY_MS = 200;

const file = process.env.LETHE_CHAOS_CLOCK;
const TrueDate = Date;
let offsetMs = 0;

function read(): void {
  if (file === undefined) return;
  try {
    offsetMs = Number(readFileSync(file, 'utf8'));
  } catch {
    offsetMs = 0; // not stepped yet
  }
}

class SteppedDate extends TrueDate {
  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) super(SteppedDate.now());
    else super(...(parts as [number]));
  }

  static override now(): number {
    return TrueDate.now() + offsetMs;
  }
}

read();
setInterval(read, READ_EVERY_MS).unref();
globalThis.Date = SteppedDate as DateConstructor;
