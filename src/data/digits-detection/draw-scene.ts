import { randomUint32, randomUnit } from "../../base/random.js";
import { type Box, type LabeledBox, overlap } from "../../boxes/box.js";
import { type DigitShape, inkAround } from "./digit-shapes.js";

/** First key after the seed of every draw of a scene. */
const STREAM = 0x7363656e;

/** Digits in a scene of the area of the smallest scenes. */
const LEAST_DIGITS = 1;
const MOST_DIGITS = 5;
export const SCENE_SIDE = 96;

/** Pixels of the longer side of a digit. */
const LEAST_SIZE = 16;
const MOST_SIZE = 44;
/** Boxes of two digits overlap at most this much. */
const MAX_OVERLAP = 0.15;
/** A digit for which there is no room after this many draws is left out. */
const ATTEMPTS = 20;

/** Pieces of digits in the background, of this many pixels on each side. */
const MOST_CLUTTER = 8;
const LEAST_PIECE = 4;
const MOST_PIECE = 9;

type Draw = (...what: readonly number[]) => number;
type Color = readonly [number, number, number];

/** A scene being drawn: [side, side, 3] from 0 to 1. */
interface Canvas {
  readonly side: number;
  readonly pixels: Float32Array;
}

const between = (least: number, most: number, unit: number): number =>
  least + (most - least) * unit;

/** Mixes a color into a pixel. */
const mix = ({ side, pixels }: Canvas, x: number, y: number, color: Color, share: number): void => {
  const at = (y * side + x) * 3;
  for (const [channel, value] of color.entries())
    pixels[at + channel] = between(pixels[at + channel] as number, value, share);
};

/** Gray noise, from -0.5 to 0.5 per pixel: one hash for four of them. */
const drawNoise = (pixels: number, draw: (at: number) => number): Float32Array => {
  const noise = new Float32Array(pixels);
  for (let at = 0; at < pixels; at += 4) {
    const bits = draw(at);
    for (let each = 0; each < 4 && at + each < pixels; each++)
      noise[at + each] = ((bits >>> (8 * each)) & 255) / 255 - 0.5;
  }
  return noise;
};

/** A dark background that becomes lighter in one direction, with noise. */
const drawBackground = ({ side, pixels }: Canvas, keys: readonly number[]): void => {
  const unit = (what: number): number => randomUnit(...keys, what);
  const [base, slopeX, slopeY] = [0.25 * unit(0), 0.25 * unit(1), 0.25 * unit(2)];
  const amount = 0.12 * unit(3);
  const noise = drawNoise(side * side, (at) => randomUint32(...keys, 4, at));
  for (let y = 0, place = 0; y < side; y++) {
    for (let x = 0; x < side; x++, place++) {
      const value = base + (slopeX * x + slopeY * y) / side + amount * (noise[place] as number);
      pixels.fill(value, 3 * place, 3 * place + 3);
    }
  }
};

/** A bright color. */
const drawColor = (draw: Draw, what: number): Color => [
  between(0.5, 1, draw(what, 0)),
  between(0.5, 1, draw(what, 1)),
  between(0.5, 1, draw(what, 2)),
];

/** Draws a shape into a box, clipped to a part of it. */
const paint = (canvas: Canvas, shape: DigitShape, box: Box, part: Box, color: Color): void => {
  const [scaleX, scaleY] = [shape.width / box.width, shape.height / box.height];
  for (let y = Math.floor(part.top); y < part.top + part.height; y++) {
    for (let x = Math.floor(part.left); x < part.left + part.width; x++) {
      if (x < 0 || y < 0 || x >= canvas.side || y >= canvas.side) continue;
      const [u, v] = [(x + 0.5 - box.left) * scaleX - 0.5, (y + 0.5 - box.top) * scaleY - 0.5];
      const share = inkAround(shape, u, v);
      if (share > 0) mix(canvas, x, y, color, share);
    }
  }
};

const drawShape = (shapes: readonly DigitShape[], unit: number): DigitShape =>
  shapes[Math.floor(unit * shapes.length)] as DigitShape;

/** A small piece of a digit, which is no digit. */
const drawPiece = (canvas: Canvas, shapes: readonly DigitShape[], draw: Draw): void => {
  const shape = drawShape(shapes, draw(0));
  const side = Math.round(between(LEAST_PIECE, MOST_PIECE, draw(1)));
  const [left, top] = [draw(2), draw(3)].map((unit) => Math.floor(unit * (canvas.side - side)));
  const part = { left: left as number, top: top as number, width: side, height: side };
  const box = {
    left: part.left - draw(4) * Math.max(0, shape.width - side),
    top: part.top - draw(5) * Math.max(0, shape.height - side),
    width: shape.width,
    height: shape.height,
  };
  paint(canvas, shape, box, part, drawColor(draw, 6));
};

/** A place for a digit among others; undefined if there is no room. */
const drawPlace = (
  { width, height }: DigitShape,
  side: number,
  others: readonly Box[],
  draw: Draw,
): Box | undefined => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const scale = between(LEAST_SIZE, MOST_SIZE, draw(attempt, 0)) / Math.max(width, height);
    // A one is narrow: its box keeps some width.
    const [w, h] = [Math.max(Math.round(width * scale), 4), Math.round(height * scale)];
    const box = {
      left: Math.floor(draw(attempt, 1) * (side - w + 1)),
      top: Math.floor(draw(attempt, 2) * (side - h + 1)),
      width: w,
      height: h,
    };
    if (others.every((other) => overlap(other, box) <= MAX_OVERLAP)) return box;
  }
  return undefined;
};

/**
 * Draws a scene for detectors: colored digits of different sizes on a dark background with noise and pieces of other digits. The
 * same keys always give the same scene; larger scenes have more digits of the same sizes.
 * @param out receives [side, side, 3] bytes
 */
export const drawScene = (
  shapes: readonly DigitShape[],
  side: number,
  out: Uint8Array,
  ...keys: readonly [part: number, scene: number]
): readonly LabeledBox[] => {
  const draw =
    (purpose: number): Draw =>
    (...what) =>
      randomUnit(STREAM, ...keys, purpose, ...what);
  const canvas = { side, pixels: new Float32Array(side * side * 3) };
  drawBackground(canvas, [STREAM, ...keys, 0]);
  const area = (side / SCENE_SIDE) ** 2;
  const pieces = Math.floor(draw(1)(0) * (area * MOST_CLUTTER + 1));
  for (let piece = 0; piece < pieces; piece++)
    drawPiece(canvas, shapes, (...what) => draw(2)(piece, ...what));
  const most = Math.round(area * MOST_DIGITS);
  const digits = LEAST_DIGITS + Math.floor(draw(3)(0) * (most - LEAST_DIGITS + 1));
  const boxes: LabeledBox[] = [];
  for (let digit = 0; digit < digits; digit++) {
    const own: Draw = (...what) => draw(4)(digit, ...what);
    const shape = drawShape(shapes, own(0));
    const box = drawPlace(shape, side, boxes, (...what) => own(1, ...what));
    if (!box) continue;
    paint(canvas, shape, box, box, drawColor(own, 2));
    boxes.push({ ...box, label: shape.label });
  }
  canvas.pixels.forEach((value, at) => {
    out[at] = Math.round(255 * Math.min(Math.max(value, 0), 1));
  });
  return boxes;
};
