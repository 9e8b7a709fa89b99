// The hot loops of the text finder, in AssemblyScript, built by build-kernels.sh into src/pixels/find/kernels.ts.
// The callers (cell-net.ts and, for convolve, strip-net.ts of src/pixels/find) lay out the memory. A plane is 8-bit luminance with its edge pixels repeated around it: 16 to the
// left and right, 2 rows above and below, up to whole cells; all addresses are those of the first pixel inside. A cell is 8 x 8 pixels.

/** Channels of the net and features of a cell; the memory layouts below are theirs. */
const C: i32 = 24;
const F: i32 = 16;
const CB: usize = 96;
const FB: usize = 64;
/** Bytes of one tap of the first layer's kernel: F x C floats. */
const TAP: usize = 1536;

@inline function sumLow(v: v128): i32 { const s = i32x4.extadd_pairwise_i16x8_u(v); return i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1); }
@inline function sumHigh(v: v128): i32 { const s = i32x4.extadd_pairwise_i16x8_u(v); return i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3); }
/** Lane 0 and lane 8 hold the largest of the lower and of the upper eight bytes. */
@inline function maxOfHalves(v: v128): v128 {
  let m = i8x16.max_u(v, i8x16.shuffle(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  m = i8x16.max_u(m, i8x16.shuffle(m, m, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  return i8x16.max_u(m, i8x16.shuffle(m, m, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
}

/** Halves a plane: each pixel is the mean of four. `width` and `height` are of the target; `width` is a multiple of 16. */
export function halve(source: usize, sourceStride: i32, target: usize, targetStride: i32, width: i32, height: i32): void {
  const two = i16x8.splat(2);
  for (let y = 0; y < height; y++) {
    const p = source + <usize>(2 * y * sourceStride), q = p + <usize>sourceStride, t = target + <usize>(y * targetStride);
    for (let x = 0; x < width; x += 16) {
      const o = p + <usize>(2 * x), u = q + <usize>(2 * x);
      const a = i16x8.add(i16x8.extadd_pairwise_i8x16_u(v128.load(o)), i16x8.extadd_pairwise_i8x16_u(v128.load(u)));
      const b = i16x8.add(i16x8.extadd_pairwise_i8x16_u(v128.load(o, 16)), i16x8.extadd_pairwise_i8x16_u(v128.load(u, 16)));
      v128.store(t + <usize>x, i8x16.narrow_i16x8_u(i16x8.shr_u(i16x8.add(a, two), 2), i16x8.shr_u(i16x8.add(b, two), 2)));
    }
  }
}

/** Noise of blocks of 16 x 16 pixels: the mean difference of pixels two apart, then the lower third of the 5 x 5 blocks around. */
export function noise(plane: usize, stride: i32, bw: i32, bh: i32, height: i32, raw: usize, out: usize): void {
  for (let by = 0; by < bh; by++) for (let bx = 0; bx < bw; bx++) {
    let sum = i16x8.splat(0), rows = 0;
    for (let y = by * 16; y < min(height, by * 16 + 16); y += 2, rows++) {
      const p = plane + <usize>(y * stride + bx * 16), v = v128.load(p), r = v128.load(p + 2), d = v128.load(p + <usize>(2 * stride));
      sum = i16x8.add(sum, i16x8.extadd_pairwise_i8x16_u(v128.or(i8x16.sub_sat_u(v, r), i8x16.sub_sat_u(r, v))));
      sum = i16x8.add(sum, i16x8.extadd_pairwise_i8x16_u(v128.or(i8x16.sub_sat_u(v, d), i8x16.sub_sat_u(d, v))));
    }
    store<f32>(raw + (<usize>(by * bw + bx) << 2), rows ? <f32>(sumLow(sum) + sumHigh(sum)) / (<f32>rows * <f32>32) : <f32>0);
  }
  const sorted = raw + (<usize>(bw * bh) << 2);
  for (let by = 0; by < bh; by++) for (let bx = 0; bx < bw; bx++) {
    let n = 0;
    for (let y = max(0, by - 2); y <= min(bh - 1, by + 2); y++) for (let x = max(0, bx - 2); x <= min(bw - 1, bx + 2); x++) {
      const v = load<f32>(raw + (<usize>(y * bw + x) << 2));
      let k = n++;
      while (k > 0) { const w = load<f32>(sorted + (<usize>(k - 1) << 2)); if (w <= v) break; store<f32>(sorted + (<usize>k << 2), w); k--; }
      store<f32>(sorted + (<usize>k << 2), v);
    }
    store<f32>(out + (<usize>(by * bw + bx) << 2), load<f32>(sorted + (<usize>(n * 3 / 10) << 2)));
  }
}

/**
 * The 16 features of every cell: responses of bright and of dark strokes in four directions, how many pixels answer, edges, peaks. `cw` is even.
 * `active` tells the cells that hold something like a stroke.
 */
export function features(plane: usize, stride: i32, cw: i32, ch: i32, noise: usize, bw: i32, floor: f32, out: usize, active: usize): void {
  const zero = i16x8.splat(0), row2 = <usize>(2 * stride);
  for (let cy = 0; cy < ch; cy++) for (let cx = 0; cx < cw; cx += 2) {
    const strength: f32 = max<f32>(floor, <f32>1.6 * load<f32>(noise + (<usize>((cy >> 1) * bw + (cx >> 1)) << 2)));
    const s = <i32>strength, capped = min(255, 6 * s), cap = i8x16.splat(<u8>capped), over = i8x16.splat(<u8>min(255, s + 1));
    let wV = zero, wH = zero, wD = zero, wU = zero, bV = zero, bH = zero, bD = zero, bU = zero, eH = zero, eV = zero, wS = zero, pW = zero, pB = zero;
    let nW0 = 0, nW1 = 0, nB0 = 0, nB1 = 0;
    let p = plane + <usize>(cy * 8 * stride + cx * 8);
    for (let y = 0; y < 8; y++, p += <usize>stride) {
      const v = v128.load(p), l = v128.load(p - 2), r = v128.load(p + 2), u = v128.load(p - row2), d = v128.load(p + row2);
      const ul = v128.load(p - row2 - 2), dr = v128.load(p + row2 + 2), ur = v128.load(p - row2 + 2), dl = v128.load(p + row2 - 2);
      let m = i8x16.sub_sat_u(v, i8x16.max_u(l, r)), t = m;
      wV = i16x8.add(wV, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(cap, m)));
      m = i8x16.sub_sat_u(v, i8x16.max_u(u, d)); t = i8x16.max_u(t, m);
      wH = i16x8.add(wH, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(cap, m)));
      m = i8x16.sub_sat_u(v, i8x16.max_u(ul, dr)); t = i8x16.max_u(t, m);
      wD = i16x8.add(wD, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(cap, m)));
      m = i8x16.sub_sat_u(v, i8x16.max_u(ur, dl)); t = i8x16.max_u(t, m);
      wU = i16x8.add(wU, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(cap, m)));
      let k = i8x16.ge_u(t, over), bits = i8x16.bitmask(k); nW0 += popcnt(bits & 255); nW1 += popcnt(bits >> 8);
      k = v128.and(k, t); wS = i16x8.add(wS, i16x8.extadd_pairwise_i8x16_u(k)); pW = i8x16.max_u(pW, k);
      eH = i16x8.add(eH, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(cap, v128.or(i8x16.sub_sat_u(l, r), i8x16.sub_sat_u(r, l)))));
      eV = i16x8.add(eV, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(cap, v128.or(i8x16.sub_sat_u(u, d), i8x16.sub_sat_u(d, u)))));
      m = i8x16.sub_sat_u(i8x16.min_u(l, r), v); t = m;
      bV = i16x8.add(bV, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(cap, m)));
      m = i8x16.sub_sat_u(i8x16.min_u(u, d), v); t = i8x16.max_u(t, m);
      bH = i16x8.add(bH, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(cap, m)));
      m = i8x16.sub_sat_u(i8x16.min_u(ul, dr), v); t = i8x16.max_u(t, m);
      bD = i16x8.add(bD, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(cap, m)));
      m = i8x16.sub_sat_u(i8x16.min_u(ur, dl), v); t = i8x16.max_u(t, m);
      bU = i16x8.add(bU, i16x8.extadd_pairwise_i8x16_u(i8x16.min_u(cap, m)));
      k = i8x16.ge_u(t, over); bits = i8x16.bitmask(k); nB0 += popcnt(bits & 255); nB1 += popcnt(bits >> 8);
      pB = i8x16.max_u(pB, v128.and(k, t));
    }
    pW = maxOfHalves(pW); pB = maxOfHalves(pB);
    const i = cy * cw + cx, o = out + <usize>i * FB;
    put(o, active + i, strength, floor, sumLow(wV), sumLow(wH), sumLow(wD), sumLow(wU), sumLow(bV), sumLow(bH), sumLow(bD), sumLow(bU), nW0, nB0, sumLow(eH), sumLow(eV), i8x16.extract_lane_u(pW, 0), i8x16.extract_lane_u(pB, 0), sumLow(wS));
    put(o + FB, active + i + 1, strength, floor, sumHigh(wV), sumHigh(wH), sumHigh(wD), sumHigh(wU), sumHigh(bV), sumHigh(bH), sumHigh(bD), sumHigh(bU), nW1, nB1, sumHigh(eH), sumHigh(eV), i8x16.extract_lane_u(pW, 8), i8x16.extract_lane_u(pB, 8), sumHigh(wS));
  }
}

@inline function put(o: usize, active: usize, s: f32, floor: f32, wV: i32, wH: i32, wD: i32, wU: i32, bV: i32, bH: i32, bD: i32, bU: i32, nW: i32, nB: i32, eH: i32, eV: i32, pW: i32, pB: i32, wS: i32): void {
  const k: f32 = <f32>1 / (<f32>64 * s);
  const isActive = nW + nB >= 3 && (<f32>pW > <f32>1.25 * s || <f32>pB > <f32>1.25 * s);
  store<u8>(active, isActive ? 1 : 0);
  store<f32>(o, <f32>wV * k, 0); store<f32>(o, <f32>wH * k, 4); store<f32>(o, <f32>wD * k, 8); store<f32>(o, <f32>wU * k, 12);
  store<f32>(o, <f32>bV * k, 16); store<f32>(o, <f32>bH * k, 20); store<f32>(o, <f32>bD * k, 24); store<f32>(o, <f32>bU * k, 28);
  store<f32>(o, <f32>nW / 32, 32); store<f32>(o, <f32>nB / 32, 36); store<f32>(o, <f32>eH * k, 40); store<f32>(o, <f32>eV * k, 44);
  store<f32>(o, logTwo(<f32>1 + <f32>pW / s) * <f32>.25, 48); store<f32>(o, logTwo(<f32>1 + <f32>pB / s) * <f32>.25, 52);
  store<f32>(o, nW ? <f32>wS / (<f32>nW * <f32>pW) : <f32>0, 56); store<f32>(o, logTwo(s / floor) * <f32>.3, 60);
}
/** log2 of a number >= 1 to about three digits: exponent and a parabola through the mantissa. */
@inline function logTwo(x: f32): f32 {
  const bits = reinterpret<u32>(x), m = reinterpret<f32>((bits & 0x7fffff) | 0x3f800000);
  return <f32>(<i32>(bits >> 23) - 127) + (<f32>(-.344845) * m + <f32>2.024658) * m - <f32>1.674873;
}

/** The cells whose value another layer needs: those marked in `from`, and their neighbours `reach` away. */
export function widen(from: usize, to: usize, cw: i32, ch: i32, reach: i32): void {
  memory.fill(to, 0, <usize>(cw * ch));
  for (let y = 0; y < ch; y++) for (let x = 0; x < cw; x++) {
    if (!load<u8>(from + y * cw + x)) continue;
    for (let d = -reach; d <= reach; d += reach) {
      const row = y + d;
      if (row < 0 || row >= ch) continue;
      const o = to + row * cw + x;
      store<u8>(o, 1);
      if (x >= reach) store<u8>(o - reach, 1);
      if (x + reach < cw) store<u8>(o + reach, 1);
    }
  }
}

/** The first layer: 3 x 3 taps of all features to all channels; `outside` holds the features of a cell beyond the edge. */
export function firstLayer(source: usize, target: usize, weights: usize, bias: usize, outside: usize, cw: i32, ch: i32, need: usize): void {
  const zero = f32x4.splat(0);
  for (let y = 0; y < ch; y++) for (let x = 0; x < cw; x++) {
    const i = y * cw + x;
    if (!load<u8>(need + i)) continue;
    let s0 = v128.load(bias, 0), s1 = v128.load(bias, 16), s2 = v128.load(bias, 32), s3 = v128.load(bias, 48), s4 = v128.load(bias, 64), s5 = v128.load(bias, 80);
    let q = weights;
    for (let ky = y - 1; ky <= y + 1; ky++) for (let kx = x - 1; kx <= x + 1; kx++) {
      let p = ky >= 0 && ky < ch && kx >= 0 && kx < cw ? source + <usize>(ky * cw + kx) * FB : outside;
      for (let c = 0; c < F; c++, p += 4, q += CB) {
        const v = v128.load32_splat(p);
        s0 = f32x4.add(s0, f32x4.mul(v, v128.load(q, 0))); s1 = f32x4.add(s1, f32x4.mul(v, v128.load(q, 16)));
        s2 = f32x4.add(s2, f32x4.mul(v, v128.load(q, 32))); s3 = f32x4.add(s3, f32x4.mul(v, v128.load(q, 48)));
        s4 = f32x4.add(s4, f32x4.mul(v, v128.load(q, 64))); s5 = f32x4.add(s5, f32x4.mul(v, v128.load(q, 80)));
      }
    }
    const o = target + <usize>i * CB;
    v128.store(o, f32x4.pmax(zero, s0), 0); v128.store(o, f32x4.pmax(zero, s1), 16); v128.store(o, f32x4.pmax(zero, s2), 32);
    v128.store(o, f32x4.pmax(zero, s3), 48); v128.store(o, f32x4.pmax(zero, s4), 64); v128.store(o, f32x4.pmax(zero, s5), 80);
  }
}

/** A deeper layer: 3 x 3 taps, `reach` cells apart, within each channel, then all channels to all channels. */
export function deepLayer(source: usize, target: usize, taps: usize, weights: usize, bias: usize, cw: i32, ch: i32, reach: i32, need: usize): void {
  const zero = f32x4.splat(0);
  for (let y = 0; y < ch; y++) for (let x = 0; x < cw; x++) {
    const i = y * cw + x;
    if (!load<u8>(need + i)) continue;
    let u0 = zero, u1 = zero, u2 = zero, u3 = zero, u4 = zero, u5 = zero, z = taps;
    for (let ky = y - reach; ky <= y + reach; ky += reach) for (let kx = x - reach; kx <= x + reach; kx += reach, z += CB) {
      if (ky < 0 || ky >= ch || kx < 0 || kx >= cw) continue;
      const p = source + <usize>(ky * cw + kx) * CB;
      u0 = f32x4.add(u0, f32x4.mul(v128.load(p, 0), v128.load(z, 0))); u1 = f32x4.add(u1, f32x4.mul(v128.load(p, 16), v128.load(z, 16)));
      u2 = f32x4.add(u2, f32x4.mul(v128.load(p, 32), v128.load(z, 32))); u3 = f32x4.add(u3, f32x4.mul(v128.load(p, 48), v128.load(z, 48)));
      u4 = f32x4.add(u4, f32x4.mul(v128.load(p, 64), v128.load(z, 64))); u5 = f32x4.add(u5, f32x4.mul(v128.load(p, 80), v128.load(z, 80)));
    }
    const o = target + <usize>i * CB;
    v128.store(o, u0, 0); v128.store(o, u1, 16); v128.store(o, u2, 32); v128.store(o, u3, 48); v128.store(o, u4, 64); v128.store(o, u5, 80);
    let s0 = v128.load(bias, 0), s1 = v128.load(bias, 16), s2 = v128.load(bias, 32), s3 = v128.load(bias, 48), s4 = v128.load(bias, 64), s5 = v128.load(bias, 80);
    let q = weights;
    for (let c = 0; c < C; c++, q += CB) {
      const v = v128.load32_splat(o + (<usize>c << 2));
      s0 = f32x4.add(s0, f32x4.mul(v, v128.load(q, 0))); s1 = f32x4.add(s1, f32x4.mul(v, v128.load(q, 16)));
      s2 = f32x4.add(s2, f32x4.mul(v, v128.load(q, 32))); s3 = f32x4.add(s3, f32x4.mul(v, v128.load(q, 48)));
      s4 = f32x4.add(s4, f32x4.mul(v, v128.load(q, 64))); s5 = f32x4.add(s5, f32x4.mul(v, v128.load(q, 80)));
    }
    v128.store(o, f32x4.pmax(zero, s0), 0); v128.store(o, f32x4.pmax(zero, s1), 16); v128.store(o, f32x4.pmax(zero, s2), 32);
    v128.store(o, f32x4.pmax(zero, s3), 48); v128.store(o, f32x4.pmax(zero, s4), 64); v128.store(o, f32x4.pmax(zero, s5), 80);
  }
}

/** The probability of text in every active cell; 0 elsewhere. */
export function probability(source: usize, weights: usize, bias: f32, cells: i32, active: usize, out: usize): void {
  for (let i = 0; i < cells; i++) {
    let p: f32 = 0;
    if (load<u8>(active + i)) {
      let sum = f32x4.splat(0);
      for (let c: usize = 0; c < CB; c += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(source + <usize>i * CB + c), v128.load(weights + c)));
      p = <f32>1 / (<f32>1 + Mathf.exp(-bias - f32x4.extract_lane(sum, 0) - f32x4.extract_lane(sum, 1) - f32x4.extract_lane(sum, 2) - f32x4.extract_lane(sum, 3)));
    }
    store<f32>(out + (<usize>i << 2), p);
  }
}

/**
 * One layer of the net over the pixels of a box (strip-net.ts): 3 x 3 taps of all inputs to all outputs, rectified. `taps` are laid out by row,
 * column, input, output; `width` and `height` are of the source. Both planes have a border of one pixel, of which the source's holds zeros and the
 * target's gets them; channels of a pixel lie together. `outputs` is 12, 16 or 24.
 */
export function convolve(source: usize, target: usize, taps: usize, bias: usize, inputs: i32, outputs: i32, stride: i32, width: i32, height: i32): void {
  if (outputs == 12) convolveTo(3, source, target, taps, bias, inputs, stride, width, height);
  else if (outputs == 16) convolveTo(4, source, target, taps, bias, inputs, stride, width, height);
  else convolveTo(6, source, target, taps, bias, inputs, stride, width, height);
}

/** `vectors` is a constant wherever this is called: what it leaves out is not compiled. */
@inline function convolveTo(vectors: i32, source: usize, target: usize, taps: usize, bias: usize, inputs: i32, stride: i32, width: i32, height: i32): void {
  const zero = f32x4.splat(0), bytes = <usize>vectors << 4, row = <usize>((width + 2) * inputs) << 2;
  const columns = (width + stride - 1) / stride, rows = (height + stride - 1) / stride;
  memory.fill(target, 0, <usize>((columns + 2) * (rows + 2)) * bytes);
  for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) {
    let s0 = v128.load(bias, 0), s1 = v128.load(bias, 16), s2 = v128.load(bias, 32), s3 = zero, s4 = zero, s5 = zero;
    if (vectors > 3) s3 = v128.load(bias, 48);
    if (vectors > 4) { s4 = v128.load(bias, 64); s5 = v128.load(bias, 80); }
    let q = taps, first = source + <usize>(y * stride) * row + (<usize>(x * stride * inputs) << 2);
    for (let ky = 0; ky < 3; ky++, first += row) {
      // The three pixels of a row lie together, and so do their taps.
      const end = first + (<usize>(3 * inputs) << 2);
      for (let p = first; p < end; p += 4, q += bytes) {
        const v = v128.load32_splat(p);
        s0 = f32x4.add(s0, f32x4.mul(v, v128.load(q, 0))); s1 = f32x4.add(s1, f32x4.mul(v, v128.load(q, 16)));
        s2 = f32x4.add(s2, f32x4.mul(v, v128.load(q, 32)));
        if (vectors > 3) s3 = f32x4.add(s3, f32x4.mul(v, v128.load(q, 48)));
        if (vectors > 4) { s4 = f32x4.add(s4, f32x4.mul(v, v128.load(q, 64))); s5 = f32x4.add(s5, f32x4.mul(v, v128.load(q, 80))); }
      }
    }
    const o = target + <usize>((y + 1) * (columns + 2) + x + 1) * bytes;
    v128.store(o, f32x4.pmax(zero, s0), 0); v128.store(o, f32x4.pmax(zero, s1), 16); v128.store(o, f32x4.pmax(zero, s2), 32);
    if (vectors > 3) v128.store(o, f32x4.pmax(zero, s3), 48);
    if (vectors > 4) { v128.store(o, f32x4.pmax(zero, s4), 64); v128.store(o, f32x4.pmax(zero, s5), 80); }
  }
}
