import type { FoundBox } from "../../boxes/box.js";

/** Colors of the classes, in turn; neighbors differ (Tableau 10). */
const COLORS: readonly (readonly [red: number, green: number, blue: number])[] = [
  [78, 121, 167],
  [242, 142, 43],
  [225, 87, 89],
  [118, 183, 178],
  [89, 161, 79],
  [237, 201, 72],
  [176, 122, 161],
  [255, 157, 167],
  [156, 117, 95],
  [186, 176, 172],
];

/** Small images are enlarged by a whole factor up to about this many pixels per side. */
const SHOWN_SIDE = 384;
/** Pixels of a frame's line. */
const LINE = 2;

export interface DrawnImage {
  /** [height, width, 3] */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

const enlarged = ({ pixels, height, width }: DrawnImage, factor: number): DrawnImage => {
  const [tall, wide] = [height * factor, width * factor];
  const out = new Uint8Array(tall * wide * 3);
  for (let y = 0; y < tall; y++) {
    for (let x = 0; x < wide; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * 3;
      out.set(pixels.subarray(from, from + 3), (y * wide + x) * 3);
    }
  }
  return { pixels: out, height: tall, width: wide };
};

/** A frame along the edges of a box, inside of it. */
const drawFrame = ({ pixels, height, width }: DrawnImage, box: FoundBox, factor: number): void => {
  const color = COLORS[box.label % COLORS.length] as (typeof COLORS)[number];
  const edge = (value: number, most: number) =>
    Math.min(Math.max(Math.round(value * factor), 0), most);
  const [left, right] = [edge(box.left, width), edge(box.left + box.width, width)];
  const [top, bottom] = [edge(box.top, height), edge(box.top + box.height, height)];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const isEdge = y < top + LINE || y >= bottom - LINE || x < left + LINE || x >= right - LINE;
      if (isEdge) pixels.set(color, (y * width + x) * 3);
    }
  }
};

/** An image, enlarged if it is small, with a frame around each object in the color of its class; the best boxes are on top. */
export const drawBoxes = (image: DrawnImage, boxes: readonly FoundBox[]): DrawnImage => {
  const factor = Math.max(1, Math.floor(SHOWN_SIDE / Math.max(image.height, image.width)));
  const drawn = enlarged(image, factor);
  for (const box of [...boxes].reverse()) drawFrame(drawn, box, factor);
  return drawn;
};
