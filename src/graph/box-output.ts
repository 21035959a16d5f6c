import { BOX_CHANNELS, type BoxLayout, type BoxLevel } from "../boxes/box-layout.js";
import { type Graph, imageShape, outputValue, shapesOf, type ValueId } from "./graph.js";
import { channelsOf, isMaps, type Shape } from "./shape.js";

type Sides = Pick<BoxLevel, "height" | "width" | "stride">;

const levelSides = ([height, width]: readonly number[], strides: readonly number[]): Sides[] =>
  strides.map((stride) => ({
    height: Math.ceil((height as number) / stride),
    width: Math.ceil((width as number) / stride),
    stride,
  }));

/** What the output of a detector cannot be; undefined if it is a layout of boxes, or the graph is no detector. */
export const boxOutputProblem = (
  { inputs: [input], outputs: [output] }: Pick<Graph, "inputs" | "outputs">,
  shapes: ReadonlyMap<ValueId, Shape>,
): string | undefined => {
  if (!input || !output?.boxes) return undefined;
  const shape = shapes.get(output.value) as Shape;
  if (isMaps(shape)) return "its boxes are maps, but need to be a vector";
  const places = levelSides(input.shape, output.boxes.strides).reduce(
    (sum, { height, width }) => sum + height * width,
    0,
  );
  const channels = channelsOf(shape) / places;
  return Number.isInteger(channels) && channels > BOX_CHANNELS
    ? undefined
    : `its ${channelsOf(shape)} outputs do not describe boxes at ${places} places`;
};

const layouts = new WeakMap<Graph, BoxLayout>();

/** How the output of a detector describes boxes; undefined if the graph is a classifier. */
export const boxLayoutOf = (graph: Graph): BoxLayout | undefined => {
  const known = layouts.get(graph);
  const [output] = graph.outputs;
  if (known || !output?.boxes) return known;
  const sides = levelSides(imageShape(graph), output.boxes.strides);
  const places = sides.reduce((sum, { height, width }) => sum + height * width, 0);
  const size = channelsOf(shapesOf(graph).get(outputValue(graph)) as Shape);
  const channels = size / places;
  let start = 0;
  const levels = sides.map((level) => {
    const placed = { ...level, start };
    start += channels * level.height * level.width;
    return placed;
  });
  const layout = { levels, classes: channels - BOX_CHANNELS, size };
  layouts.set(graph, layout);
  return layout;
};
