// The commands in the order in which `lethe --help` lists them.
import { addAudit } from './audit.ts';
import { addConfig } from './config.ts';
import { addDeid } from './deid.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { addEcho } from './echo.ts';
import { addMigrate } from './migrate.ts';
import { addProfile } from './profile.ts';
import { addPseudonyms } from './pseudonyms.ts';
import { addSend } from './send.ts';
import { addStart } from './start.ts';
import { addStatus } from './status.ts';
import type { AddCommand } from './services.ts';

export const COMMANDS: readonly AddCommand[] = [
  addStart,
  addDeid,
  addSend,
  addEcho,
  addStatus,
  addPseudonyms,
  addAudit,
  addProfile,
  addConfig,
  addDoctor,
  addMigrate,
  addDemo,
];
