// A process that reads one strip and has nothing to do afterwards. Its reader would keep its thread for ten minutes.
import { TextReader } from '../../../../src/pixels/read/text-reader.ts';

const reader = new TextReader({ idleMs: 600_000 });
const data = new Uint8Array(120 * 40);
for (let y = 10; y < 30; y++) for (let x = 20; x < 26; x++) data[y * 120 + x] = 255;
await reader.read({ width: 120, height: 40, data, polarity: 'bright', turn: undefined });
process.stdout.write('read\n');
