// Pictures of document pages as baseline JPEG.
import sharp from 'sharp';

/** Of what is seen of a scan nothing is lost, and letters have no halo. */
const QUALITY = 92;

/** @param picture luminance, or red, green, blue, one byte each, without padding; the same gives the same bytes */
export function encodeJpeg({
  width,
  height,
  components,
  data,
}: {
  readonly width: number;
  readonly height: number;
  readonly components: 1 | 3;
  readonly data: Uint8Array;
}): Promise<Buffer> {
  const image = sharp(data, { raw: { width, height, channels: components } });
  const space = components === 1 ? image.toColourspace('b-w') : image;
  return space.jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' }).toBuffer();
}
