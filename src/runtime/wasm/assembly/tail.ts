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
  /** [channels] scratch of the output's type, for a row before its shuffle. */
  row: usize;
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function between(x: v128, least: v128, most: v128): v128 {
  return f32x4.min(f32x4.max(x, least), most);
}

// @ts-expect-error: a decorator of AssemblyScript
@inline
function ones(mask: v128): v128 {
  return v128.and(mask, i32x4.splat(1));
}

/** 4 values before the activation. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function valueOf(t: Tail, sums: v128, window: v128, at: usize): v128 {
  let x = sums;
  if (t.sums) {
    let sum = sums;
    if (t.sums == 2) sum = i32x4.add(i32x4.shl(sum, 1), window);
    if (t.constant) sum = i32x4.add(sum, v128.load(t.constant + at));
    x = f32x4.mul(f32x4.convert_i32x4_s(sum), v128.load(t.factor + at));
  }
  if (t.bias) x = f32x4.add(x, v128.load(t.bias + at));
  if (t.scale)
    x = f32x4.add(
      f32x4.mul(f32x4.sub(x, v128.load(t.center + at)), v128.load(t.scale + at)),
      v128.load(t.shift + at),
    );
  return x;
}

/** The activation of 4 values: floats, or codes in lanes of 32 bits. */
// @ts-expect-error: a decorator of AssemblyScript
@inline
function activated(t: Tail, x: v128): v128 {
  const zero = f32x4.splat(0);
  switch (t.act) {
    case Act.relu:
      return v128.and(x, f32x4.gt(x, zero));
    case Act.relu6:
      return between(x, zero, f32x4.splat(6));
    case Act.leakyRelu:
      return v128.bitselect(x, f32x4.mul(x, f32x4.splat(t.slope)), f32x4.gt(x, zero));
    case Act.unit: {
      const scaled = f32x4.mul(f32x4.min(x, f32x4.splat(t.limit)), f32x4.splat(t.actScale));
      const unit = f32x4.mul(between(scaled, zero, f32x4.splat(1)), f32x4.splat(t.levels));
      return i32x4.trunc_sat_f32x4_s(f32x4.nearest(unit));
    }
    case Act.signedUnit: {
      const scaled = f32x4.mul(x, f32x4.splat(t.actScale));
      const levels = f32x4.splat(t.levels);
      const unit = f32x4.mul(between(scaled, f32x4.splat(-1), f32x4.splat(1)), levels);
      return i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.nearest(unit), levels));
    }
    case Act.unitSign:
      return ones(f32x4.gt(f32x4.mul(x, f32x4.splat(t.actScale)), zero));
    case Act.step:
      return ones(f32x4.gt(x, zero));
    case Act.sign:
      // A mask is -1, so that 1 - (x > 0) + (x < 0) is the code 1 + sign(x).
      return i32x4.add(i32x4.sub(i32x4.splat(1), f32x4.gt(x, zero)), f32x4.lt(x, zero));
    case Act.ternary: {
      const half = f32x4.splat(0.5);
      return i32x4.add(i32x4.sub(i32x4.splat(1), f32x4.gt(x, half)), f32x4.lt(x, f32x4.neg(half)));
    }
    default:
      return x;
  }
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

/** Channels `from` to `from` + `count` of one row: sums -> to, which is the place of channel `from`. */
function finishChannels(t: Tail, sums: usize, window: v128, from: i32, count: i32, to: usize): void {
  const first = (<usize>from) << 2;
  let at: i32 = 0;
  if (t.isCodes) {
    for (; at + 8 <= count; at += 8) {
      const byte = (<usize>at) << 2;
      const low = activated(t, valueOf(t, v128.load(sums + byte), window, first + byte));
      const high = activated(t, valueOf(t, v128.load(sums + byte, 16), window, first + byte + 16));
      const words = i16x8.narrow_i32x4_s(low, high);
      v128.store64_lane(to + at, i8x16.narrow_i16x8_u(words, words), 0);
    }
  } else {
    for (; at + 4 <= count; at += 4) {
      const byte = (<usize>at) << 2;
      v128.store(to + byte, activated(t, valueOf(t, v128.load(sums + byte), window, first + byte)));
    }
  }
  for (; at < count; at += 4) {
    const byte = (<usize>at) << 2;
    const value = activated(t, valueOf(t, v128.load(sums + byte), window, first + byte));
    storeSome(value, min(4, count - at), t.isCodes != 0, to + (t.isCodes ? <usize>at : byte));
  }
}

/** Moves the channels of a row to their positions. */
function shuffleRow(t: Tail, to: usize): void {
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
