// STL, OBJ, MTL: geometry byte for byte, names and comments judged.
import { describe, expect, it } from 'vitest';

import { cleanDocument } from '../../../src/documents/clean-document.ts';
import type { DocumentKind } from '../../../src/documents/kinds.ts';
import { expectNothingPlanted, jobOf } from './support/patient.ts';

async function clean(kind: DocumentKind, bytes: Buffer | string): Promise<Buffer> {
  const result = await cleanDocument(kind, `model/${kind}`, jobOf(bytes));
  expectNothingPlanted(result);
  return result.bytes;
}

const unreadable = { reason: 'document-unreadable' };

function binaryStl(header: string, triangles: number, attribute = 0): Buffer {
  const bytes = Buffer.alloc(84 + triangles * 50);
  bytes.write(header, 0, 80, 'latin1');
  bytes.writeUInt32LE(triangles, 80);
  for (let i = 0; i < triangles; i++) {
    for (let j = 0; j < 12; j++) bytes.writeFloatLE(i + j / 7, 84 + i * 50 + j * 4);
    bytes.writeUInt16LE(attribute, 84 + i * 50 + 48);
  }
  return bytes;
}

const FACET =
  'facet normal 0 0 1\n  outer loop\n    vertex 0 0 0\n    vertex 1.5e-3 0 0\n    vertex 0 -1. .5\n  endloop\nendfacet\n';

describe('STL', () => {
  it('binary: a harmless header and the triangles stay, a header that identifies is emptied', async () => {
    const harmless = binaryStl('left kidney', 40);
    expect(await clean('stl', harmless)).toEqual(harmless);
    const named = await clean('stl', binaryStl('Quimbleton Josephine MRQ-4711082', 40));
    expect(named.subarray(80)).toEqual(harmless.subarray(80));
    expect(named.toString('latin1', 0, 80).trim()).not.toMatch(/josephine/i);
  });

  it('binary: bytes of the header that are no text go, and so does what stands in the attributes of triangles', async () => {
    const clean1 = await clean('stl', binaryStl('\x01\xffQuimbleton', 3, 0x5175));
    expect(clean1.subarray(0, 80)).toEqual(Buffer.alloc(80));
    expect(clean1.readUInt16LE(84 + 48)).toBe(0);
  });

  it('binary that begins with "solid" is binary', async () => {
    const bytes = binaryStl('solid nodule', 2);
    expect((await clean('stl', bytes)).subarray(80)).toEqual(bytes.subarray(80));
  });

  it('ASCII: only the name of the solid changes', async () => {
    const text = (
      await clean('stl', `solid nodule_quimbleton_josephine\n${FACET}endsolid nodule_quimbleton_josephine\n`)
    ).toString();
    expect(text).toBe(`solid nodule\n${FACET}endsolid nodule\n`);
    expect((await clean('stl', `solid nodule\r\n${FACET}endsolid nodule\r\n`)).toString()).toContain(
      'solid nodule\r\n',
    );
  });

  it('anything else in it is held back', async () => {
    await expect(clean('stl', `solid a\n${FACET}# Quimbleton\nendsolid a\n`)).rejects.toMatchObject(unreadable);
    await expect(clean('stl', Buffer.concat([binaryStl('a', 2), Buffer.from('hidden')]))).rejects.toMatchObject(
      unreadable,
    );
    await expect(clean('stl', '')).rejects.toMatchObject(unreadable);
  });
});

const GEOMETRY = 'v 0.5 -1.25e-3 3\nv 1 2 3 1.0\nvt 0.5 0.5\nvn 0 0 1\nf 1/1/1 2/2/2 \\\n 3//3\nl 1 2\ns off\n';

describe('OBJ', () => {
  it('geometry byte for byte; names of objects, groups and materials and comments are judged', async () => {
    const text = (
      await clean(
        'obj',
        `# Patient: Josephine Quimbleton\n# units mm\nmtllib C:\\data\\quimbleton\\kidney.mtl\no Quimbleton_kidney\ng left JosephineQuimbleton\nusemtl red\n${GEOMETRY}`,
      )
    ).toString();
    expect(text).toContain(GEOMETRY);
    expect(text).toContain('# units mm');
    expect(text).toContain('mtllib kidney.mtl');
    expect(text).toContain('o kidney');
    expect(text).toContain('usemtl red');
  });

  it('statements that name files or run something go', async () => {
    expect((await clean('obj', `call quimbleton.obj\ncsh rm x\nshadow_obj quimbleton\n${GEOMETRY}`)).toString()).toBe(
      GEOMETRY,
    );
  });

  it('what is no model is held back', async () => {
    await expect(clean('obj', 'Quimbleton\n')).rejects.toMatchObject(unreadable);
    await expect(clean('obj', `v 1 2 3\n${'hidden text\n'.repeat(5)}`)).rejects.toMatchObject(unreadable);
    await expect(clean('obj', `v ${'1'.repeat(1 << 19)}`)).rejects.toMatchObject(unreadable);
  });

  it('a long line that is nearly a number is refused at once', async () => {
    await expect(clean('obj', `v 1 2 3\nf ${'1/'.repeat(100_000)}x\nq\nq\nq`)).rejects.toMatchObject(unreadable);
  });
});

describe('MTL', () => {
  it('colours byte for byte; names of materials and texture files are judged', async () => {
    const text = (
      await clean(
        'mtl',
        '# exported for MRQ-4711082\nnewmtl quimbleton_red\nKa 1 0 0\nKd 0.8 .1 1e-3\nd 0.5\nillum 2\nmap_Kd -s 1 1 1 /home/quimbleton/skin_quimbleton.png\n',
      )
    ).toString();
    expect(text).toContain('newmtl red\nKa 1 0 0\nKd 0.8 .1 1e-3\nd 0.5\nillum 2\n');
    expect(text).toContain('map_Kd -s 1 1 1 skin.png');
  });

  it('what is no library is held back', async () => {
    await expect(clean('mtl', 'Ka 1 0 0\n')).rejects.toMatchObject(unreadable);
    await expect(clean('mtl', `newmtl a\n${'x y\n'.repeat(4)}`)).rejects.toMatchObject(unreadable);
  });
});
