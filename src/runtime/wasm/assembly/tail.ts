// What follows a convolution: see Tail in plan/plan.ts and reference/tail.ts. Every operation is rounded to float32, in the
// order of the reference.

export const enum Act {
  identity,
  relu,
  relu6,
  leakyRelu,
  unit,
  signedUnit,
  unitSign,
  step,
  sign,
  ternary,
  /** Integer sums as codes, in integers. */
  requantize,
}

/** Multipliers of sums (see kernels/place-tail.ts); columns are [channels] i32. */
@unmanaged
export class Requantization {
  multiplier: usize;
  /** Halves of the divisors, i64. */
  half: usize;
  /** By which products are multiplied before all are shifted by 30. */
  step: usize;
  shift: usize;
  /** By which sums are multiplied before; 0 if by 1. */
  before: usize;
  zero: i32;
  low: i32;
  high: i32;
  /** The multipliers as f64, and half of the last place of their products; 0 where products of sums need more than 52 bits. */
  scale: usize;
  nudge: usize;
  /** 256 times the multipliers as f32; 0 where a sum or product may be too large for them (see requantizedWords). */
  rough: usize;
  /** What rounds a float to an integer, and what is subtracted from its bits then. */
  magic: f32;
  offset: i32;
}

/** The numbers of a tail in memory; pointers are 0 where something is missing. */
@unmanaged
export class Tail {
  /** 0: the sums are floats; 1: integers; 2: integers of halved weights, to be doubled and added to the window's sum. */
  sums: i32;
  /** [channels] i32, added to integer sums. */
  constant: usize;
  factor: usize;
  bias: usize;
  center: usize;
  scale: usize;
  shift: usize;
  act: Act;
  actScale: f32;
  limit: f32;
  levels: f32;
  slope: f32;
  /** Whether the output is codes. */
  isCodes: i32;
  /** [channels] i32: the position of every channel after a shuffle. */
  positions: usize;
  channels: i32;
  /** Scratch of 4 bytes per channel: a row before its shuffle, or two rows of codes. */
  row: usize;
  requantization: usize;
  /** Numbers that the integer sums of codes with few levels exceed, by kernels/thresholds.ts: [1 + count, channels] i32; 0 for others. */
  thresholds: usize;
  thresholdCount: i32;
  /** How many times codes are halved and interleaved for a shuffle; 0 where positions say more. */
  interleavings: i32;
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function between(x: v128, least: v128, most: v128): v128 {
  // One instruction each, unlike minima and maxima of IEEE 754; only the sign of 0 differs.
  return f32x4.pmin(f32x4.pmax(x, least), most);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function ones(mask: v128): v128 {
  return v128.and(mask, i32x4.splat(1));
}

/** The activation of 4 values: floats, or codes in lanes of 32 bits. `act` is a constant, by which the compiler chooses. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function activated(act: Act, x: v128, scale: v128, limit: v128, levels: v128, slope: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (act == Act.relu) return v128.and(x, f32x4.gt(x, zero));
  if (act == Act.relu6) return between(x, zero, f32x4.splat(6));
  if (act == Act.leakyRelu) return v128.bitselect(x, f32x4.mul(x, slope), f32x4.gt(x, zero));
  if (act == Act.unit) {
    const unit = between(f32x4.mul(f32x4.pmin(x, limit), scale), zero, one);
    return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(unit, levels)));
  }
  if (act == Act.signedUnit) {
    const unit = between(f32x4.mul(x, scale), f32x4.neg(one), one);
    return i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.nearest(f32x4.mul(unit, levels)), levels));
  }
  if (act == Act.unitSign) return ones(f32x4.gt(f32x4.mul(x, scale), zero));
  if (act == Act.step) return ones(f32x4.gt(x, zero));
  // A mask is -1, so that 1 - (x > 0) + (x < 0) is the code 1 + sign(x).
  if (act == Act.sign)
    return i32x4.add(i32x4.sub(i32x4.splat(1), f32x4.gt(x, zero)), f32x4.lt(x, zero));
  if (act == Act.ternary) {
    const half = f32x4.splat(0.5);
    return i32x4.add(i32x4.sub(i32x4.splat(1), f32x4.gt(x, half)), f32x4.lt(x, f32x4.neg(half)));
  }
  return x;
}

/** Products of lanes of 32 bits in 64 bits, shifted to the right by a constant. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function shiftedProduct(x: v128, by: v128, addedLow: v128, addedHigh: v128, shift: i32): v128 {
  const low = i64x2.shr_s(i64x2.add(i64x2.extmul_low_i32x4_s(x, by), addedLow), shift);
  const high = i64x2.shr_s(i64x2.add(i64x2.extmul_high_i32x4_s(x, by), addedHigh), shift);
  return i8x16.shuffle(low, high, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

/** 4 sums as codes in lanes of 32 bits: products, rounded once. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function requantized(r: Requantization, x: v128, at: usize): v128 {
  if (r.before) x = i32x4.mul(x, v128.load(r.before + at));
  const half = r.half + 2 * at;
  const product = shiftedProduct(x, v128.load(r.multiplier + at), v128.load(half), v128.load(half, 16), 31);
  const none = i64x2.splat(0);
  const code = i32x4.add(shiftedProduct(product, v128.load(r.step + at), none, none, 30), i32x4.splat(r.zero));
  return i32x4.min_s(i32x4.max_s(code, i32x4.splat(r.low)), i32x4.splat(r.high));
}

/** The sum of this and a small number has the number, rounded to an integer, in its low bits: 1.5 2^52. */
const ROUNDING: f64 = 6755399441055744;

// @ts-expect-error: a decorator of AssemblyScript
@inline
function roundedProduct(x: v128, scale: usize, nudge: usize): v128 {
  const product = f64x2.mul(f64x2.convert_low_i32x4_s(x), v128.load(scale));
  return f64x2.add(f64x2.add(product, v128.load(nudge)), f64x2.splat(ROUNDING));
}

/** 4 sums as codes in lanes of 32 bits, by exact products in float64. The nudge rounds halves up and changes nothing else. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function requantizedByDoubles(r: Requantization, x: v128, at: usize): v128 {
  const upper = i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  const low = roundedProduct(x, r.scale + 2 * at, r.nudge + 2 * at);
  const high = roundedProduct(upper, r.scale + 2 * at + 16, r.nudge + 2 * at + 16);
  const rounded = i8x16.shuffle(low, high, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
  const code = i32x4.add(rounded, i32x4.splat(r.zero));
  return i32x4.min_s(i32x4.max_s(code, i32x4.splat(r.low)), i32x4.splat(r.high));
}

/**
 * 8 sums as 256 (code - 128) + 128 with a fraction in the low byte, in lanes of 16 bits. The product p of a sum and its multiplier is
 * computed as q = round(256 p) in float32. Sums are below 2^24, so that they are exact as floats, and the multiplier and the product
 * are rounded once each: by 2^-23 of the product in all. Where the code is no limit, 256 p is below 2^17, so q is off by less than
 * 1/2 + 2^-6. If the low byte of q + 128 is from 1 to 255, p + 1/2 is thus between the same integers as q / 256 + 1/2, and the high
 * byte is the code. If it is 0, p may be a half, and the code is computed exactly. Beyond the limits, lanes saturate: products are
 * below 2^14, whose errors of 2^-9 and of half a unit of q do not bring them back.
 */
// @ts-expect-error: a decorator of AssemblyScript
@inline
export function requantizedWords(x: v128, y: v128, scaleX: v128, scaleY: v128, magic: v128, offset: v128, half: v128): v128 {
  const low = i32x4.sub(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(x), scaleX), magic), offset);
  const high = i32x4.sub(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(y), scaleY), magic), offset);
  return i16x8.add_sat_s(i16x8.narrow_i32x4_s(low, high), half);
}

/** Lanes of which the fraction is 0. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
export function unclear(words: v128): v128 {
  return i16x8.eq(i16x8.shl(words, 8), i16x8.splat(0));
}

/** 16 codes between limits. @param sign the code 128 in every lane */
// @ts-expect-error: a decorator of AssemblyScript
@inline
export function codesOf(words: v128, more: v128, sign: v128, least: v128, most: v128): v128 {
  const codes = v128.xor(i8x16.narrow_i16x8_s(i16x8.shr_s(words, 8), i16x8.shr_s(more, 8)), sign);
  return i8x16.min_u(i8x16.max_u(codes, least), most);
}

/** 4 sums with their constants, which may be missing. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function wholeSums(sums: usize, constant: usize): v128 {
  const x = v128.load(sums);
  return constant ? i32x4.add(x, v128.load(constant)) : x;
}

/** Sums as codes, without rounding anything but the result. `at`: that of their channels' numbers. */
export function requantizeExactly(r: Requantization, sums: usize, constant: usize, at: usize, count: i32, to: usize): void {
  for (; count >= 8; count -= 8, sums += 32, at += 32, to += 8) {
    const low = requantized(r, wholeSums(sums, constant), at);
    const high = requantized(r, wholeSums(sums + 16, constant ? constant + 16 : 0), at + 16);
    const words = i16x8.narrow_i32x4_s(low, high);
    v128.store64_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
    if (constant) constant += 32;
  }
  for (; count > 0; count -= 4, sums += 16, at += 16, to += 4) {
    storeSome(requantized(r, wholeSums(sums, constant), at), min(4, count), true, to);
    if (constant) constant += 16;
  }
}

/** Channels `from` to `from` + `count` of one row of integer sums as codes, by products in float32 where those are clear. */
function requantizeRoughly(t: Tail, sums: usize, from: i32, count: i32, to: usize): void {
  const r = changetype<Requantization>(t.requantization);
  const first = (<usize>from) << 2;
  const scale = r.rough + first;
  const constant = t.constant + first;
  const magic = f32x4.splat(r.magic);
  const offset = i32x4.splat(r.offset);
  const half = i16x8.splat(128);
  const sign = i8x16.splat(-128);
  const least = i8x16.splat(<i8>r.low);
  const most = i8x16.splat(<i8>r.high);
  let at: i32 = 0;
  for (; at + 8 <= count; at += 16) {
    const byte = (<usize>at) << 2;
    const own = sums + byte;
    const x = i32x4.add(v128.load(own), v128.load(constant + byte));
    const y = i32x4.add(v128.load(own, 16), v128.load(constant + byte, 16));
    const words = requantizedWords(x, y, v128.load(scale + byte), v128.load(scale + byte, 16), magic, offset, half);
    if (at + 16 > count) {
      if (v128.any_true(unclear(words))) requantizeExactly(r, own, constant + byte, first + byte, 8, to + at);
      else v128.store64_lane(to + at, codesOf(words, words, sign, least, most), 0);
      at += 8;
      break;
    }
    const u = i32x4.add(v128.load(own, 32), v128.load(constant + byte, 32));
    const v = i32x4.add(v128.load(own, 48), v128.load(constant + byte, 48));
    const more = requantizedWords(u, v, v128.load(scale + byte, 32), v128.load(scale + byte, 48), magic, offset, half);
    if (v128.any_true(v128.or(unclear(words), unclear(more))))
      requantizeExactly(r, own, constant + byte, first + byte, 16, to + at);
    else v128.store(to + at, codesOf(words, more, sign, least, most));
  }
  if (at < count) {
    const byte = (<usize>at) << 2;
    requantizeExactly(r, sums + byte, constant + byte, first + byte, count - at, to + at);
  }
}

/**
 * Sums of `count` windows with their constants, [count, 8], as codes of `some` of 8 channels.
 * @param step from one position of the output to the next
 */
export function requantizeWindows(r: Requantization, sums: usize, count: i32, channel: i32, some: i32, to: usize, step: usize): void {
  const at = (<usize>channel) << 2;
  if (!r.rough || some < 8) {
    for (; count > 0; count--, sums += 32, to += step) requantizeExactly(r, sums, 0, at, some, to);
    return;
  }
  const scaleX = v128.load(r.rough + at);
  const scaleY = v128.load(r.rough + at, 16);
  const magic = f32x4.splat(r.magic);
  const offset = i32x4.splat(r.offset);
  const half = i16x8.splat(128);
  const sign = i8x16.splat(-128);
  const least = i8x16.splat(<i8>r.low);
  const most = i8x16.splat(<i8>r.high);
  for (; count > 0; count -= 2, sums += 64, to += 2 * step) {
    const words = requantizedWords(v128.load(sums), v128.load(sums, 16), scaleX, scaleY, magic, offset, half);
    // After the last one of an odd number are old sums, which are not written.
    const more = requantizedWords(v128.load(sums, 32), v128.load(sums, 48), scaleX, scaleY, magic, offset, half);
    if (v128.any_true(v128.or(unclear(words), unclear(more)))) {
      requantizeExactly(r, sums, 0, at, 8, to);
      if (count > 1) requantizeExactly(r, sums + 32, 0, at, 8, to + step);
      continue;
    }
    const codes = codesOf(words, more, sign, least, most);
    v128.store64_lane(to, codes, 0);
    if (count > 1) v128.store64_lane(to + step, codes, 1);
  }
}

/** The same by products in float64, where those are exact. */
function requantizeByDoubles(t: Tail, sums: usize, from: i32, count: i32, to: usize): void {
  const r = changetype<Requantization>(t.requantization);
  const first = (<usize>from) << 2;
  let at: i32 = 0;
  for (; at + 8 <= count; at += 8) {
    const byte = (<usize>at) << 2;
    const x = i32x4.add(v128.load(sums + byte), v128.load(t.constant + first + byte));
    const y = i32x4.add(v128.load(sums + byte, 16), v128.load(t.constant + first + byte, 16));
    const low = requantizedByDoubles(r, x, first + byte);
    const high = requantizedByDoubles(r, y, first + byte + 16);
    const words = i16x8.narrow_i32x4_s(low, high);
    v128.store64_lane(to + at, i8x16.narrow_i16x8_u(words, words), 0);
  }
  const byte = (<usize>at) << 2;
  requantizeExactly(r, sums + byte, t.constant + first + byte, first + byte, count - at, to + at);
}

/** Channels `from` to `from` + `count` of one row of integer sums as codes. */
function requantizeChannels(t: Tail, sums: usize, from: i32, count: i32, to: usize): void {
  const r = changetype<Requantization>(t.requantization);
  const first = (<usize>from) << 2;
  if (r.rough) requantizeRoughly(t, sums, from, count, to);
  else if (r.scale) requantizeByDoubles(t, sums, from, count, to);
  else requantizeExactly(r, sums, t.constant + first, first, count, to);
}

/** Writes one code or float of `count` lanes. */
function storeSome(value: v128, count: i32, isCodes: bool, to: usize): void {
  for (let lane: i32 = 0; lane < count; lane++) {
    const bits = i32x4.extract_lane(value, 0);
    if (isCodes) store<u8>(to + lane, <u8>bits);
    else store<i32>(to + 4 * <usize>lane, bits);
    value = i8x16.shuffle(value, value, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
  }
}

/** The number of thresholds that 4 sums exceed, negated. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function exceeded(x: v128, at: usize, step: usize, count: i32): v128 {
  x = v128.xor(x, v128.load(at));
  at += step;
  let codes = i32x4.gt_s(x, v128.load(at));
  if (count > 1) codes = i32x4.add(codes, i32x4.gt_s(x, v128.load(at + step)));
  if (count > 2) codes = i32x4.add(codes, i32x4.gt_s(x, v128.load(at + 2 * step)));
  return codes;
}

/** Channels `from` to `from` + `count` of one row of integer sums as codes: the numbers of thresholds that they exceed. */
function countThresholds(t: Tail, sums: usize, window: v128, from: i32, count: i32, to: usize): void {
  const step = (<usize>t.channels) << 2;
  const levels = t.thresholdCount;
  const areHalved = t.sums == 2;
  let at = t.thresholds + ((<usize>from) << 2);
  for (; count > 0; count -= 8, sums += 32, at += 32, to += 8) {
    let x = v128.load(sums), y = v128.load(sums, 16);
    if (areHalved) {
      x = i32x4.add(i32x4.shl(x, 1), window);
      y = i32x4.add(i32x4.shl(y, 1), window);
    }
    const low = exceeded(x, at, step, levels);
    const high = exceeded(y, at + 16, step, levels);
    if (count < 8) {
      storeSome(i32x4.neg(low), min(4, count), true, to);
      if (count > 4) storeSome(i32x4.neg(high), count - 4, true, to + 4);
      return;
    }
    const words = i16x8.narrow_i32x4_s(low, high);
    v128.store64_lane(to, i8x16.neg(i8x16.narrow_i16x8_s(words, words)), 0);
  }
}

/** Channels `from` to `from` + `count` of one row: sums -> to, which is the place of channel `from`. */
function finishChannels(t: Tail, sums: usize, window: v128, from: i32, count: i32, to: usize): void {
  const act = t.act;
  if (act == Act.requantize) {
    requantizeChannels(t, sums, from, count, to);
    return;
  }
  if (t.thresholds) {
    countThresholds(t, sums, window, from, count, to);
    return;
  }
  const isCodes = act >= Act.unit;
  const kind = t.sums;
  const scale = f32x4.splat(t.actScale);
  const limit = f32x4.splat(t.limit);
  const levels = f32x4.splat(t.levels);
  const slope = f32x4.splat(t.slope);
  // Fields of t would be loaded again after every store.
  const constant = t.constant, factor = t.factor, bias = t.bias, center = t.center, norm = t.scale, shift = t.shift;
  let at = (<usize>from) << 2;
  for (; count > 0; count -= 8, sums += 32, at += 32) {
    // Less than 8 are left at the end; what is read beyond them is not written.
    let x = v128.load(sums), y = v128.load(sums, 16);
    if (kind) {
      if (kind == 2) {
        x = i32x4.add(i32x4.shl(x, 1), window);
        y = i32x4.add(i32x4.shl(y, 1), window);
      }
      if (constant) {
        x = i32x4.add(x, v128.load(constant + at));
        y = i32x4.add(y, v128.load(constant + at, 16));
      }
      x = f32x4.mul(f32x4.convert_i32x4_s(x), v128.load(factor + at));
      y = f32x4.mul(f32x4.convert_i32x4_s(y), v128.load(factor + at, 16));
    }
    if (bias) {
      x = f32x4.add(x, v128.load(bias + at));
      y = f32x4.add(y, v128.load(bias + at, 16));
    }
    if (norm) {
      x = f32x4.mul(f32x4.sub(x, v128.load(center + at)), v128.load(norm + at));
      y = f32x4.mul(f32x4.sub(y, v128.load(center + at, 16)), v128.load(norm + at, 16));
      x = f32x4.add(x, v128.load(shift + at));
      y = f32x4.add(y, v128.load(shift + at, 16));
    }
    switch (act) {
      case Act.relu:
        x = activated(Act.relu, x, scale, limit, levels, slope);
        y = activated(Act.relu, y, scale, limit, levels, slope);
        break;
      case Act.relu6:
        x = activated(Act.relu6, x, scale, limit, levels, slope);
        y = activated(Act.relu6, y, scale, limit, levels, slope);
        break;
      case Act.leakyRelu:
        x = activated(Act.leakyRelu, x, scale, limit, levels, slope);
        y = activated(Act.leakyRelu, y, scale, limit, levels, slope);
        break;
      case Act.unit:
        x = activated(Act.unit, x, scale, limit, levels, slope);
        y = activated(Act.unit, y, scale, limit, levels, slope);
        break;
      case Act.signedUnit:
        x = activated(Act.signedUnit, x, scale, limit, levels, slope);
        y = activated(Act.signedUnit, y, scale, limit, levels, slope);
        break;
      case Act.unitSign:
        x = activated(Act.unitSign, x, scale, limit, levels, slope);
        y = activated(Act.unitSign, y, scale, limit, levels, slope);
        break;
      case Act.step:
        x = activated(Act.step, x, scale, limit, levels, slope);
        y = activated(Act.step, y, scale, limit, levels, slope);
        break;
      case Act.sign:
        x = activated(Act.sign, x, scale, limit, levels, slope);
        y = activated(Act.sign, y, scale, limit, levels, slope);
        break;
      case Act.ternary:
        x = activated(Act.ternary, x, scale, limit, levels, slope);
        y = activated(Act.ternary, y, scale, limit, levels, slope);
        break;
      default:
    }
    if (count < 8) {
      storeSome(x, min(4, count), isCodes, to);
      if (count > 4) storeSome(y, count - 4, isCodes, to + (isCodes ? 4 : 16));
      return;
    }
    if (isCodes) {
      const words = i16x8.narrow_i32x4_s(x, y);
      v128.store64_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
      to += 8;
    } else {
      v128.store(to, x);
      v128.store(to, y, 16);
      to += 32;
    }
  }
}

/** Codes [2, half] -> [half, 2]. */
function interleave(from: usize, half: usize, to: usize): void {
  let at: usize = 0;
  for (; at + 16 <= half; at += 16, to += 32) {
    const a = v128.load(from + at);
    const b = v128.load(from + half + at);
    v128.store(to, i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    v128.store(to, i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), 16);
  }
  for (; at < half; at++, to += 2) {
    store<u8>(to, load<u8>(from + at));
    store<u8>(to, load<u8>(from + half + at), 1);
  }
}

/** Moves the channels of a row to their positions. */
function shuffleRow(t: Tail, to: usize): void {
  if (t.interleavings) {
    // The scratch has four bytes per channel.
    const half = (<usize>t.channels) >> 1;
    let from = t.row, other = from + 2 * half;
    for (let left = t.interleavings; left > 1; left--) {
      interleave(from, half, other);
      const next = other;
      other = from;
      from = next;
    }
    interleave(from, half, to);
    return;
  }
  if (t.isCodes) {
    for (let channel: i32 = 0; channel < t.channels; channel++)
      store<u8>(to + load<i32>(t.positions + 4 * <usize>channel), load<u8>(t.row + channel));
    return;
  }
  for (let channel: i32 = 0; channel < t.channels; channel++)
    store<i32>(
      to + 4 * <usize>load<i32>(t.positions + 4 * <usize>channel),
      load<i32>(t.row + 4 * <usize>channel),
    );
}

/**
 * Rows of sums -> rows of outputs.
 * @param sums [rows, groups, columns] with `filters` used columns in each group; if sums are of kind 2, the column after
 * them is the sum of the window
 */
export function finishRows(
  t: Tail,
  sums: usize,
  rows: i32,
  groups: i32,
  filters: i32,
  columns: i32,
  to: usize,
): void {
  const size: usize = t.isCodes ? 1 : 4;
  for (let row: i32 = 0; row < rows; row++) {
    const place = t.positions ? t.row : to;
    for (let group: i32 = 0; group < groups; group++) {
      let window = i32x4.splat(0);
      if (t.sums == 2) window = v128.load32_splat(sums + 4 * <usize>filters);
      const channel = group * filters;
      finishChannels(t, sums, window, channel, filters, place + (<usize>channel) * size);
      sums += 4 * <usize>columns;
    }
    if (t.positions) shuffleRow(t, to);
    to += (<usize>t.channels) * size;
  }
}
