// Run as a program: reads a word that is drawn here with the text reader, and prints what was read as JSON.
import { TextReader } from '../../../src/pixels/read/text-reader.ts';
import { letter } from './lettering.ts';

const face = {
  family: 'vector',
  capital: 28,
  isSmooth: true,
  stroke: 3.5,
  slant: 0,
  stretch: 1,
  fontFile: '',
} as const;
const margin = 12;
const { width, height, ink } = await letter('LIVER', face);
const strip = { width: width + 2 * margin, height: height + 2 * margin };
const data = new Uint8Array(strip.width * strip.height).fill(20);
for (let y = 0; y < height; y++)
  for (let x = 0; x < width; x++)
    data[(y + margin) * strip.width + x + margin] = Math.round(20 + 215 * ink[y * width + x]);
const reader = new TextReader();
const { lines } = await reader.read({ ...strip, data, polarity: 'bright', turn: 0 });
await reader.close();
process.stdout.write(JSON.stringify(lines.map(({ text }) => text)));
