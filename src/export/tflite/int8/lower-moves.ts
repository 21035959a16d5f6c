import { FUSED_FUNCTIONS } from "../../../formats/tflite/schema.js";
import type { IntegerValue, MoveStep } from "../../../integer/integer-plan.js";
import { type Int8Draft, quantizationOf, sidesOf } from "./int8-draft.js";

/** A value in another arrangement on its way to an output. */
interface Arranged {
  readonly index: number;
  readonly shape: readonly number[];
}

/** Operators that move codes of one grid from arrangement to arrangement. */
const arranger = (draft: Int8Draft, { name, grid }: IntegerValue) => {
  const next = (part: string, shape: readonly number[]): number =>
    draft.tensor(`${name}/${part}`, { shape, type: "int8", quantization: quantizationOf(grid) });
  return {
    transposed: ({ index, shape }: Arranged, order: readonly number[]): Arranged => {
      const turned = order.map((axis) => shape[axis] as number);
      const to = next("turned", turned);
      const axes = draft.ints(`${name}/order`, order);
      draft.add({ op: "TRANSPOSE", inputs: [index, axes], outputs: [to], version: 2 });
      return { index: to, shape: turned };
    },
    reshaped: ({ index }: Arranged, shape: readonly number[]): Arranged => {
      const to = next("reshaped", shape);
      const sides = draft.ints(`${name}/shape`, shape);
      draft.add({ op: "RESHAPE", inputs: [index, sides], outputs: [to], options: { shape } });
      return { index: to, shape };
    },
  };
};

const TO_PLANES = [0, 3, 1, 2];
const FROM_PLANES = [0, 2, 3, 1];

/** Adds the operators of a step that only moves codes. */
export const lowerMove = (draft: Int8Draft, { node, part, inputs, output }: MoveStep): void => {
  const [first] = inputs as [IntegerValue];
  const from = inputs.map(({ name }) => draft.indexOf(name));
  const { name } = output;
  const shape = sidesOf(first.shape);
  const [, height, width, channels] = shape;
  const x: Arranged = { index: from[0] as number, shape };
  const { transposed, reshaped } = arranger(draft, output);
  /** The last operator of several, whose output is that of the step. */
  const finish = ({ index }: Arranged): void => {
    const sides = draft.ints(`${name}/sides`, sidesOf(output.shape));
    const options = { shape: sidesOf(output.shape) };
    draft.add({ op: "RESHAPE", inputs: [index, sides], outputs: [draft.value(output)], options });
  };
  switch (node.kind) {
    case "concat":
      draft.add({
        op: "CONCATENATION",
        inputs: from,
        outputs: [draft.value(output)],
        options: { axis: 3, fused: FUSED_FUNCTIONS.indexOf("none") },
        version: 2,
      });
      return;
    case "flatten":
      finish(height * width === 1 ? x : transposed(x, TO_PLANES));
      return;
    case "reshape": {
      const [, rows, columns, planes] = sidesOf(output.shape);
      finish(
        transposed(reshaped(transposed(x, TO_PLANES), [1, planes, rows, columns]), FROM_PLANES),
      );
      return;
    }
    case "shuffle": {
      const groups = [1, height * width, node.groups, channels / node.groups];
      finish(transposed(reshaped(x, groups), [0, 1, 3, 2]));
      return;
    }
    case "pixelShuffle": {
      const area = node.factor ** 2;
      const byChannel = reshaped(x, [1, height * width, channels / area, area]);
      const blocks = reshaped(transposed(byChannel, [0, 1, 3, 2]), shape);
      draft.add({
        op: "DEPTH_TO_SPACE",
        inputs: [blocks.index],
        outputs: [draft.value(output)],
        options: { block: node.factor },
        version: 1,
      });
      return;
    }
    case "split": {
      const start = node.sizes.slice(0, part).reduce((sum, size) => sum + size, 0);
      const begin = draft.ints(`${name}/begin`, [0, 0, 0, start]);
      const size = draft.ints(`${name}/size`, sidesOf(output.shape));
      const inputsOf = [x.index, begin, size];
      draft.add({ op: "SLICE", inputs: inputsOf, outputs: [draft.value(output)], version: 2 });
      return;
    }
    case "pad": {
      const [top, left, bottom, right] = node.padding;
      const borders = [0, 0, top, bottom, left, right, ...(node.channels ?? [0, 0])];
      const padding = draft.ints(`${name}/padding`, borders, [4, 2]);
      draft.add({
        op: "PAD",
        inputs: [x.index, padding],
        outputs: [draft.value(output)],
        version: 2,
      });
      return;
    }
    case "resize": {
      const sides = draft.ints(`${name}/sides`, [node.height, node.width]);
      draft.add({
        op: "RESIZE_NEAREST_NEIGHBOR",
        inputs: [x.index, sides],
        outputs: [draft.value(output)],
        options: { align_corners: 0, half_pixel_centers: 0 },
        version: 2,
      });
      return;
    }
    default:
      throw new Error(`${node.kind} computes new values.`);
  }
};
