// A process that takes the lock of argv[2], tells the outcome in a line, and holds it until its input ends.
import { LetheError } from '../../../src/core/errors.ts';
import { lockDataDirectory } from '../../../src/store/lock.ts';

process.stdin.resume().on('end', () => process.exit(0));
try {
  await lockDataDirectory(process.argv[2]);
  console.log(`locked ${process.pid}`);
} catch (error) {
  console.log(error instanceof LetheError ? `${error.code} ${error.message}` : String(error));
  process.exit(1);
}
