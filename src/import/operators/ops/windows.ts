import {
  type Padding,
  type Pair,
  type SlidingWindow,
  samePadding,
  slide,
} from "../../../base/sliding-window.js";
import type { Shape } from "../../../graph/shape.js";
import { Unsupported } from "../../unsupported.js";
import { axesOf, intsOf } from "../axes.js";
import {
  addNode,
  type Convert,
  constantInput,
  mapsInput,
  type OpCall,
  optionalConstant,
  plain,
} from "../call.js";
import type { ReadNode } from "../read-node.js";

/** Two numbers of an attribute, for rows and columns. */
export const pairOf = (node: ReadNode, attribute: string, otherwise: Pair): Pair => {
  const values = node.ints(attribute);
  if (values === undefined || values.length === 0) return otherwise;
  if (values.length === 2) return values as unknown as Pair;
  throw new Unsupported(`has ${values.length} numbers as its ${attribute}, not 2`);
};

/** What a convolution or pool adds around maps of a shape. */
export const paddingOf = (
  node: ReadNode,
  shape: Shape,
  window: Pick<SlidingWindow, "kernel" | "stride" | "dilation">,
): Padding => {
  const automatic = node.text("auto_pad", "NOTSET");
  const [top, left, bottom, right] = samePadding(shape, window);
  switch (automatic) {
    case "SAME_UPPER":
      return [top, left, bottom, right];
    case "SAME_LOWER":
      return [bottom, right, top, left];
    case "VALID":
      return [0, 0, 0, 0];
    default: {
      const pads = node.ints("pads") ?? [0, 0, 0, 0];
      if (pads.length !== 4) throw new Unsupported(`has ${pads.length} paddings, not 4`);
      return pads as unknown as Padding;
    }
  }
};

/** A pool's window with at most half of it as padding: what is more at the end becomes sides that are rounded up. */
const withinHalf = (window: SlidingWindow, shape: Shape): SlidingWindow => {
  const [height = 1, width = 1] = shape;
  const { kernel, padding } = window;
  const half = (at: number): number => Math.floor((kernel[at % 2] as number) / 2);
  const padded = padding.map((border, at) => (at < 2 ? border : Math.min(border, half(at))));
  const reduced = { ...window, padding: padded as unknown as Padding, roundsUp: true };
  const isEqual = String(slide(height, width, reduced)) === String(slide(height, width, window));
  return padding.some((border, at) => border > half(at)) && isEqual ? reduced : window;
};

const poolOf = (call: OpCall) => {
  const { node } = call;
  const { value, shape } = mapsInput(call);
  if ((node.ints("dilations") ?? []).some((step) => step !== 1))
    throw new Unsupported("has a dilated window");
  const window = {
    kernel: pairOf(node, "kernel_shape", [1, 1]),
    stride: pairOf(node, "strides", [1, 1]),
  };
  const padding = paddingOf(node, shape, window);
  const given = { ...window, padding, roundsUp: node.int("ceil_mode", 0) === 1 };
  const countsPadding = node.int("count_include_pad", 0) === 1;
  const options = countsPadding ? given : { ...given, ...withinHalf(given, shape) };
  return { inputs: [value], options, countsPadding };
};

export const convertMaxPool: Convert = (call) => {
  if (call.node.outputs.length > 1) throw new Unsupported("returns the indices of its maxima");
  const { inputs, options } = poolOf(call);
  return plain(call, addNode(call, "maxPool", { inputs, options }));
};

export const convertAveragePool: Convert = (call) => {
  const { inputs, options, countsPadding } = poolOf(call);
  return plain(
    call,
    addNode(call, "averagePool", { inputs, options: { ...options, countsPadding } }),
  );
};

export const convertGlobalPool =
  (pooled: "mean" | "max"): Convert =>
  (call) =>
    plain(
      call,
      addNode(call, "globalPool", {
        inputs: [mapsInput(call).value],
        options: { function: pooled, keepsMaps: true },
      }),
    );

/** ReduceMean or ReduceMax over rows and columns. */
export const convertReduction =
  (pooled: "mean" | "max"): Convert =>
  (call) => {
    const { node } = call;
    const { value } = mapsInput(call);
    const given = node.ints("axes") ?? intsOf(call.inputs[1]);
    const axes = axesOf(given ?? [], 4).toSorted();
    if (String(axes) !== "2,3")
      throw new Unsupported(`takes the ${pooled} over axes ${given ?? "of all"}, not 2 and 3`);
    const keepsMaps = node.int("keepdims", 1) === 1;
    const options = { function: pooled, keepsMaps };
    return plain(call, addNode(call, "globalPool", { inputs: [value], options }));
  };

/** The borders of a pad: those before all axes, then those after them. */
const bordersOf = (call: OpCall): readonly number[] => {
  const pads = call.node.ints("pads") ?? intsOf(constantInput(call, 1)) ?? [];
  const axes = intsOf(call.inputs[3]);
  if (!axes) return pads;
  const all = new Array<number>(8).fill(0);
  for (const [index, axis] of axesOf(axes, 4).entries()) {
    all[axis] = pads[index] ?? 0;
    all[axis + 4] = pads[index + axes.length] ?? 0;
  }
  return all;
};

export const convertPad: Convert = (call) => {
  const { node } = call;
  const mode = node.text("mode", "constant");
  if (mode !== "constant") throw new Unsupported(`pads in the mode ${mode}`);
  const borders = bordersOf(call);
  if (borders.length !== 8) throw new Unsupported(`has ${borders.length} borders, not 8`);
  const [images, before, top, left, moreImages, after, bottom, right] = borders as number[];
  if (images !== 0 || moreImages !== 0) throw new Unsupported("adds images");
  const value = optionalConstant(call, 2)?.values[0] ?? node.float("value", 0);
  const channels = [before, after] as [number, number];
  const padding = [top, left, bottom, right] as unknown as Padding;
  const { value: input } = mapsInput(call);
  if ([...padding, ...channels].every((border) => border === 0)) return plain(call, [input]);
  const options = { padding, value, ...(before || after ? { channels } : {}) };
  return plain(call, addNode(call, "pad", { inputs: [input], options }));
};

/** The sides that a resize asks for, by sizes or by factors. */
const sidesOf = (call: OpCall, shape: Shape): [number, number] => {
  const { inputs, opset, node } = call;
  const isUpsample = node.op === "Upsample";
  const sizes = isUpsample ? undefined : intsOf(inputs[3]);
  if (sizes?.length === 4) return [sizes[2] as number, sizes[3] as number];
  if (sizes?.length === 2 && String(node.ints("axes")) === "2,3") return sizes as [number, number];
  const at = isUpsample || opset < 11 ? 1 : 2;
  const scales = node.floats("scales") ?? intsOf(inputs[at]) ?? [];
  if (scales.length !== 4 || scales[0] !== 1 || scales[1] !== 1)
    throw new Unsupported(
      "resizes axes other than rows and columns, or by factors that are not constant",
    );
  return [0, 1].map((axis) =>
    Math.floor((shape[axis] as number) * (scales[axis + 2] as number)),
  ) as [number, number];
};

/** Upsample and Resize: nearest as PyTorch's, or linear with half-pixel centers or aligned corners. */
export const convertResize: Convert = (call) => {
  const { node, opset } = call;
  const { value, shape } = mapsInput(call);
  const [height, width] = sidesOf(call, shape);
  const mode = node.text("mode", "nearest");
  const older = node.op === "Upsample" || opset < 11 ? "asymmetric" : "half_pixel";
  const places = node.text("coordinate_transformation_mode", older);
  const rounding = node.text(
    "nearest_mode",
    older === "asymmetric" ? "floor" : "round_prefer_floor",
  );
  const isWhole = height % (shape[0] ?? 1) === 0 && width % (shape[1] ?? 1) === 0;
  const isNearest =
    mode === "nearest" &&
    ((places === "asymmetric" && rounding === "floor") ||
      // For whole factors all rules but aligned corners repeat each pixel.
      (isWhole && places.endsWith("half_pixel") && rounding.startsWith("round")));
  const isLinear = mode === "linear" || mode === "bilinear";
  const alignsCorners = places === "align_corners";
  if (!isNearest && !(isLinear && (alignsCorners || places.endsWith("half_pixel"))))
    throw new Unsupported(`resizes by ${mode} with ${places} and ${rounding}`);
  const options = {
    height,
    width,
    method: isNearest ? "nearest" : "bilinear",
    alignsCorners,
  } as const;
  return plain(call, addNode(call, "resize", { inputs: [value], options }));
};
