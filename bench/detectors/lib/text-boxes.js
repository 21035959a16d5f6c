// The boxes in a map of the probabilities of text, as differentiable binarization makes them (Liao et al. 2020): regions above a
// threshold, the least rectangle around each, moved outward since the maps show shrunken lines.

import { leastRectangle, rectangleCorners } from "./polygons.js";

const THRESHOLD = 0.3;
const LEAST_SCORE = 0.6;
const LEAST_SIDE = 3;
const UNCLIP = 1.5;

/** Regions of neighboring pixels (8 directions) above the threshold, as lists of [x, y]. */
const regionsOf = (map, side) => {
  const isSeen = new Uint8Array(map.length);
  const regions = [];
  for (let start = 0; start < map.length; start++) {
    if (isSeen[start] || map[start] <= THRESHOLD) continue;
    const [stack, region] = [[start], []];
    isSeen[start] = 1;
    while (stack.length > 0) {
      const at = stack.pop();
      const [x, y] = [at % side, Math.floor(at / side)];
      region.push([x, y]);
      for (let row = Math.max(0, y - 1); row <= Math.min(side - 1, y + 1); row++)
        for (let column = Math.max(0, x - 1); column <= Math.min(side - 1, x + 1); column++) {
          const next = row * side + column;
          if (isSeen[next] || map[next] <= THRESHOLD) continue;
          isSeen[next] = 1;
          stack.push(next);
        }
    }
    regions.push(region);
  }
  return regions;
};

/** The mean probability inside a rectangle. */
const scoreOf = (map, side, { axis: [ux, uy], along, across }, region) => {
  const [xs, ys] = [region.map(([x]) => x), region.map(([, y]) => y)];
  const least = (values) => values.reduce((a, b) => Math.min(a, b));
  const most = (values) => values.reduce((a, b) => Math.max(a, b));
  let [sum, count] = [0, 0];
  for (let y = least(ys); y <= most(ys); y++)
    for (let x = least(xs); x <= most(xs); x++) {
      const [a, b] = [x * ux + y * uy, y * ux - x * uy];
      if (a < along[0] || a > along[1] || b < across[0] || b > across[1]) continue;
      sum += map[y * side + x];
      count++;
    }
  return count === 0 ? 0 : sum / count;
};

/** Boxes { corners, score } in pixels, from probabilities [side, side]. */
export const textBoxes = (map, side) =>
  regionsOf(map, side).flatMap((region) => {
    const rectangle = leastRectangle(region);
    if (!rectangle) return [];
    const [width, height] = [
      rectangle.along[1] - rectangle.along[0],
      rectangle.across[1] - rectangle.across[0],
    ];
    if (Math.min(width, height) < LEAST_SIDE) return [];
    const score = scoreOf(map, side, rectangle, region);
    if (score < LEAST_SCORE) return [];
    const margin = (width * height * UNCLIP) / (2 * (width + height));
    return [{ corners: rectangleCorners(rectangle, margin), score }];
  });
