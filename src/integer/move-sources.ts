import type { Node } from "../graph/graph.js";
import { isMaps, type MapShape, type Shape, sizeOf } from "../graph/shape.js";

const asMap = (shape: Shape): MapShape => (isMaps(shape) ? shape : [1, 1, shape[0] as number]);

/** A source for every place [y, x, c] of maps. */
const eachPlace = (
  [height, width, channels]: MapShape,
  source: (y: number, x: number, channel: number) => number,
): Int32Array => {
  const sources = new Int32Array(height * width * channels);
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < channels; channel++) sources[at++] = source(y, x, channel);
  return sources;
};

const indexIn =
  ([, width, channels]: MapShape) =>
  (y: number, x: number, channel: number): number =>
    (y * width + x) * channels + channel;

/** The place in channels-last order of the number at an index in PyTorch's order. */
const placeOf = ([height, width, channels]: MapShape, index: number): number => {
  const area = height * width;
  return (index % area) * channels + Math.floor(index / area);
};

/** Another shape of the same numbers in PyTorch's order. */
const reshaped = (from: MapShape, to: MapShape): Int32Array => {
  const sources = new Int32Array(sizeOf(from));
  for (let index = 0; index < sources.length; index++)
    sources[placeOf(to, index)] = placeOf(from, index);
  return sources;
};

const concatenated = (shapes: readonly MapShape[]): Int32Array => {
  const [[height, width]] = shapes as [MapShape];
  const owners = shapes.flatMap((shape, input) =>
    Array.from({ length: shape[2] }, (_, channel) => ({ input, channel })),
  );
  const starts = shapes.map((_, input) =>
    shapes.slice(0, input).reduce((sum, shape) => sum + sizeOf(shape), 0),
  );
  return eachPlace([height, width, owners.length], (y, x, at) => {
    const { input, channel } = owners[at] as { input: number; channel: number };
    return (starts[input] as number) + indexIn(shapes[input] as MapShape)(y, x, channel);
  });
};

/**
 * Where a node that only moves codes takes each code of its output from: an index into its inputs, [h, w, c] one after the other;
 * -1 for padding.
 * @param part which output of a split
 */
export const moveSources = (node: Node, inputs: readonly Shape[], part: number): Int32Array => {
  const maps = inputs.map(asMap);
  const [first] = maps as [MapShape];
  const [height, width, channels] = first;
  const own = indexIn(first);
  switch (node.kind) {
    case "concat":
      return concatenated(maps);
    case "flatten":
      return reshaped(first, [1, 1, sizeOf(first)]);
    case "reshape":
      return reshaped(first, asMap(node.shape));
    case "shuffle": {
      const perGroup = channels / node.groups;
      return eachPlace(first, (y, x, channel) =>
        own(y, x, (channel % node.groups) * perGroup + Math.floor(channel / node.groups)),
      );
    }
    case "pixelShuffle": {
      const { factor } = node;
      const shape = [height * factor, width * factor, channels / factor ** 2] as const;
      return eachPlace(shape, (y, x, channel) => {
        const place = (y % factor) * factor + (x % factor);
        return own(Math.floor(y / factor), Math.floor(x / factor), channel * factor ** 2 + place);
      });
    }
    case "split": {
      const start = node.sizes.slice(0, part).reduce((sum, size) => sum + size, 0);
      const size = node.sizes[part] as number;
      return eachPlace([height, width, size], (y, x, channel) => own(y, x, start + channel));
    }
    case "pad": {
      const [top, left, bottom, right] = node.padding;
      const [before, after] = node.channels ?? [0, 0];
      const shape = [
        height + top + bottom,
        width + left + right,
        channels + before + after,
      ] as const;
      return eachPlace(shape, (y, x, channel) => {
        const [row, column, from] = [y - top, x - left, channel - before];
        const isInside =
          row >= 0 && row < height && column >= 0 && column < width && from >= 0 && from < channels;
        return isInside ? own(row, column, from) : -1;
      });
    }
    case "resize":
      return eachPlace([node.height, node.width, channels], (y, x, channel) =>
        own(Math.floor((y * height) / node.height), Math.floor((x * width) / node.width), channel),
      );
    default:
      throw new Error(`${node.kind} computes new values.`);
  }
};
