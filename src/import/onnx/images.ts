import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { quoted, visibleText } from "../../base/visible-text.js";
import { ELEMENT_TYPES, type OnnxValue } from "../../formats/onnx/messages.js";
import type { OnnxFile } from "../../formats/onnx/read-onnx.js";
import { IMAGES, type ImageShape } from "../../graph/graph-draft.js";
import { MAX_IMAGE_SIDE } from "../../graph/limits.js";
import type { ImportOptions } from "../imported-model.js";
import { plainView, transposed } from "./strided-view.js";
import { type Computed, computed } from "./value.js";

/** The input of a file. */
export interface Images {
  readonly name: string;
  readonly shape: ImageShape;
  /** The number of images in the shapes of the file; 1 if it is left open. */
  readonly batch: number;
  readonly view: Computed;
}

const FLOATS: ReadonlySet<number> = new Set([
  ELEMENT_TYPES.float,
  ELEMENT_TYPES.float16,
  ELEMENT_TYPES.double,
  ELEMENT_TYPES.bfloat16,
]);

/** More channels than images have, so that a last axis with fewer is that of channels. */
const MAX_COLORS = 4;
const MAX_BATCH = 4096;

const refuse = (where: string, problem: string, hint: string): QpruneError =>
  new QpruneError(`${where}: ${problem}.`, { kind: "usage", hint });

const inputOf = ({ graph, tensors }: OnnxFile, where: string): OnnxValue => {
  // Old files list initializers among the inputs.
  const inputs = graph.input.filter(({ name = "" }) => !tensors.has(name));
  const [only] = inputs;
  if (only && inputs.length === 1) return only;
  const names = inputs.map(({ name = "" }) => quoted(name)).join(", ");
  throw refuse(
    where,
    `it has ${inputs.length} inputs${names === "" ? "" : ` (${names})`}; a net has one, its images`,
    "Export it with images as its only input.",
  );
};

/** The sides of an input; undefined where the file leaves them open. */
const sidesOf = (input: OnnxValue, where: string): (number | undefined)[] => {
  const type = input.type?.tensor;
  const sides = type?.shape?.dim.map(({ value }) => (value && value > 0 ? value : undefined));
  if (sides?.length === 4 && FLOATS.has(type?.elementType ?? 0)) return sides;
  throw refuse(
    where,
    `its input ${quoted(input.name ?? "")} is not a batch of images in floats with 4 axes`,
    "Export it with images as its only input.",
  );
};

/**
 * The images that a file takes, channels first or last.
 * @throws QpruneError (usage) if its input is not images, or it leaves their size open and none is given.
 */
export const imagesOf = (file: OnnxFile, where: string, { imageSize }: ImportOptions): Images => {
  const input = inputOf(file, where);
  const [batch = 1, second, third, last] = sidesOf(input, where);
  const isLast =
    last !== undefined && last <= MAX_COLORS && (second === undefined || second > MAX_COLORS);
  const [channels, ...given] = isLast ? [last, second, third] : [second, third, last];
  const [height, width] = given.map((side) => side ?? imageSize);
  if (channels === undefined || height === undefined || width === undefined) {
    const what = channels === undefined ? "the number of channels" : "the size";
    throw refuse(
      where,
      `it does not specify ${what} of its images`,
      channels === undefined
        ? "Export it for images with 3 channels."
        : `Convert it with ${option("image_size")} PIXELS, or export it for images of one size.`,
    );
  }
  if (Math.max(height, width) > MAX_IMAGE_SIDE || batch > MAX_BATCH)
    throw refuse(
      where,
      visibleText(`it takes ${batch} images of ${height}x${width}`),
      `Export it for images of at most ${MAX_IMAGE_SIDE}x${MAX_IMAGE_SIDE}.`,
    );
  const plain = plainView(IMAGES, [height, width, channels], batch);
  return {
    name: input.name ?? "",
    shape: { height, width, channels },
    batch,
    view: computed(isLast ? transposed(plain, [0, 2, 3, 1]) : plain),
  };
};
