// What a person decides on the pixels of an instance that was held back holds when it is de-identified again: in both compositions, after a
// restart, and only under the release that it was said with.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRows } from '../../src/cli/quarantine/list.ts';
import { BufferSource } from '../../src/core/bytes.ts';
import type { RecordId } from '../../src/core/brands.ts';
import type { PixelReceipt } from '../../src/deid/outcome.ts';
import { readFile10 } from '../../src/dicom/part10.ts';
import { findElement, valueBytes } from '../../src/dicom/values.ts';
import { TAG } from '../../src/standard/tags.ts';
import { drawn, imageOf, SIDE } from '../support/burned-in/drawn-images.ts';
import { startDeliveryRig, type DeliveryRig, type Topology } from '../support/delivery-rig.ts';
import { POSTGRES_PROGRAMS } from '../support/postgres.ts';
import { runLethe, until } from '../support/programs.ts';
import { HAS_REDIS } from '../support/redis.ts';

const SOON = { timeout: 60_000, interval: 50 };
const TOPOLOGIES: readonly (readonly [Topology, boolean])[] = [
  ['one process', true],
  ['a process per role', HAS_REDIS && POSTGRES_PROGRAMS !== undefined],
];

function filesIn(folder: string, ending: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

/** It says that there is text, and none is found: nobody but a person can tell. */
const PIXELS = drawn([]);
const fileSaying = (uid: string): Buffer =>
  imageOf(PIXELS, { BurnedInAnnotation: 'YES', SOPInstanceUID: uid }).toFile();

describe.each(TOPOLOGIES)('what a reviewer decides with %s', (topology, isInstalled) => {
  describe.skipIf(!isInstalled)('on images that say that there is text', { timeout: 180_000 }, () => {
    let rig: DeliveryRig;
    const folder = (): string => dirname(rig.configFile);
    const held = async (): Promise<readonly RecordId[]> => {
      const { rows } = await listRows({ config: rig.configFile, limit: 10, reason: 'burned-in-unresolved' });
      return rows.map(({ recordId }) => recordId);
    };
    const release = (...args: readonly string[]) =>
      runLethe(['quarantine', 'release', ...args, '--config', rig.configFile]);
    const delivered = (): readonly string[] => filesIn(join(folder(), 'out'), '.dcm');
    const pixelsOf = async (file: string): Promise<Buffer> => {
      const { dataSet } = await readFile10(new BufferSource(readFileSync(file)));
      const element = findElement(dataSet.elements, TAG.PixelData);
      return element === undefined ? Buffer.alloc(0) : valueBytes(dataSet, element);
    };
    const receipts = () =>
      filesIn(join(folder(), 'data'), '.jsonl')
        .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
        .filter((line) => line.includes('"regions"'))
        .map((line) => JSON.parse(line) as { receipt: { pixels: PixelReceipt } })
        .map(({ receipt }) => receipt.pixels);

    beforeAll(async () => {
      rig = await startDeliveryRig(topology, { archive: '{ folder: out }' }, { LETHE: ['archive'] });
      await rig.sendFiles('LETHE', [fileSaying('1.2.3.1'), fileSaying('1.2.3.2')]);
      await until(async () => (await held()).length === 2);
    }, 120_000);
    afterAll(() => rig.close());

    it('is not asked of a filter, nor taken when it cannot be read', async () => {
      expect(await release('--reason', 'burned-in-unresolved', '--yes', '--pixels-seen')).toMatchObject({ code: 2 });
      const [recordId] = await held();
      expect(await release(recordId, '--blank', 'top left')).toMatchObject({ code: 2 });
      expect(await held()).toHaveLength(2);
    });

    it('changes nothing when nothing is said', async () => {
      const [recordId] = await held();
      expect(await release(recordId)).toMatchObject({ code: 0 });
      await expect.poll(held, SOON).toHaveLength(2);
      expect(delivered()).toEqual([]);
    });

    it('is refused of what is not there', async () => {
      const [recordId] = await held();
      expect(await release(recordId, '--blank', `2:0,0,8x8`)).toMatchObject({ code: 0 });
      await expect.poll(held, SOON).toHaveLength(2);
      expect(delivered()).toEqual([]);
    });

    it('blanks what they say, and nothing else', async () => {
      const [recordId] = await held();
      expect(await release(recordId, '--blank', '100,100,32x16', '--note', 'a name')).toMatchObject({ code: 0 });
      await expect.poll(delivered, SOON).toHaveLength(1);
      const pixels = await pixelsOf(delivered()[0]);
      const changed = [...PIXELS.keys()].filter((at) => pixels[at] !== PIXELS[at]);
      const isInside = (at: number): boolean => {
        const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
        return x >= 100 && x < 132 && y >= 100 && y < 116;
      };
      expect(changed.length).toBeGreaterThan(400);
      expect(changed.every(isInside)).toBe(true);
      await expect.poll(receipts, SOON).toHaveLength(1);
      expect(receipts()[0]).not.toHaveProperty('isReviewed');
      expect(receipts()[0].regions).toMatchObject([
        { x: 100, y: 100, width: 32, height: 16, cause: 'reviewer', confidence: 1, isBlanked: true },
      ]);
    });

    it('lets pixels leave that they vouch for, also when it was said while nothing ran', async () => {
      const [first] = delivered();
      const [recordId] = await held();
      await rig.stop();
      expect(await release(recordId, '--pixels-seen', '--note', 'a ruler')).toMatchObject({ code: 0 });
      await rig.start();
      await expect.poll(delivered, SOON).toHaveLength(2);
      const [second] = delivered().filter((file) => file !== first);
      expect((await pixelsOf(second)).equals(PIXELS)).toBe(true);
      await expect.poll(() => receipts().filter(({ isReviewed }) => isReviewed === true), SOON).toHaveLength(1);
    });
  });
});
