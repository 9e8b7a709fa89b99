// Our listener with nothing behind it: what `storescp --ignore` is to DCMTK. Arguments: port.
import { createListener } from '../../src/dimse/listener.ts';
import { TRANSFER_SYNTAX_PREFERENCE } from '../../src/dimse/negotiation.ts';
import { isStorageSopClass } from '../../src/standard/sop-classes.ts';
import { letHeapGrow } from '../../src/heap-growth.ts';
import { createLog } from '../../src/log/log.ts';

letHeapGrow(); // as the program does

const listener = createListener(
  {
    host: '127.0.0.1',
    port: Number(process.argv[2]),
    maxAssociations: 8,
    maxAssociationsPerPeer: 8,
    maxPduBytes: 131_072,
    idleMs: 60_000,
    artimMs: 30_000,
    pduMs: 60_000,
  },
  {
    admit: () => undefined,
    begin: () => ({ write: () => undefined, commit: () => Promise.resolve(0), abort: () => Promise.resolve() }),
  },
  isStorageSopClass,
  TRANSFER_SYNTAX_PREFERENCE,
  createLog({ level: 'error' }),
);
await listener.listen();
process.once('SIGTERM', () => void listener.close(0).then(() => process.exit(0)));
