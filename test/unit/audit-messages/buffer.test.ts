import { readdirSync, truncateSync, unlinkSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { EventBuffer } from '../../../src/audit-messages/buffer.ts';
import { makeTempDirectory, removeDirectory } from '../../support/programs.ts';

const directory = makeTempDirectory();
afterAll(() => {
  removeDirectory(directory);
});

/** Reads everything in portions, and gives each back. */
async function drain(buffer: EventBuffer, limit: number): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const { lines, end } = await buffer.read(buffer.start, limit);
    if (lines.length === 0) return all;
    expect(lines.length).toBeLessThanOrEqual(limit);
    all.push(...lines);
    await buffer.give(end);
  }
}

describe('lines in the buffer', () => {
  it.each([1, 3, 7, 10, 1000])(
    'come out in order, each once, %i at a time, over many files and a restart',
    async (limit) => {
      const options = { directory: `${directory}/${limit}`, maxBytes: 1 << 20, segmentBytes: 100 };
      const lines = Array.from({ length: 100 }, (_, i) => `line ${i} ${'x'.repeat(i % 30)}`);
      const first = await EventBuffer.open(options);
      for (const line of lines.slice(0, 60)) first.append(line);
      const begun = await first.read(first.start, limit);
      await first.give(begun.end);
      await first.close();
      const second = await EventBuffer.open(options);
      for (const line of lines.slice(60)) second.append(line);
      expect([...begun.lines, ...(await drain(second, limit))]).toEqual(lines);
      expect(second.waitingBytes).toBe(0);
      await second.close();
    },
  );

  it('that find no place are refused, until some are given back', async () => {
    const buffer = await EventBuffer.open({ directory: `${directory}/full`, maxBytes: 30, segmentBytes: 10 });
    for (const line of ['123456789', '123456789', '123456789']) buffer.append(line);
    expect(() => {
      buffer.append('1');
    }).toThrow(expect.objectContaining({ code: 'disk-full' }));
    const { end } = await buffer.read(buffer.start, 1);
    await buffer.give(end);
    buffer.append('123456789');
    expect(await drain(buffer, 10)).toHaveLength(3);
    await buffer.close();
  });

  it('in a file that was removed or cut are gone, and the others come all the same', async () => {
    const at = `${directory}/damaged`;
    const buffer = await EventBuffer.open({ directory: at, maxBytes: 1 << 20, segmentBytes: 20 });
    // Two lines in each of four files; the last one is being written to.
    for (let i = 0; i < 8; i++) buffer.append(`line ${i}`);
    const [first, second, , last] = readdirSync(at)
      .filter((name) => name.endsWith('.jsonl'))
      .sort();
    unlinkSync(`${at}/${first}`);
    truncateSync(`${at}/${second}`, 10);
    unlinkSync(`${at}/${last}`);
    const { lines, end, damagedFiles } = await buffer.read(buffer.start, 100);
    expect(lines).toEqual(['line 2', 'line 4', 'line 5']);
    expect(damagedFiles).toBe(3);
    await buffer.give(end);
    buffer.append('line 8');
    expect(await drain(buffer, 10)).toEqual(['line 8']);
    expect(buffer.waitingBytes).toBe(0);
    await buffer.close();
  });
});
