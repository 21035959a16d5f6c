import type { ValueId } from "../../../graph/graph.js";
import { Unsupported } from "../../unsupported.js";
import { addNode, type OpCall, type Resolved } from "../call.js";
import type { Constant } from "../value.js";

/** x scale + shift, each one number or one for each channel. */
interface Affine {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** Adds a scale and shift of the channels, and returns its output. */
export const addAffine = (call: OpCall, value: ValueId, { scale, shift }: Affine): ValueId => {
  const channels = call.draft.shapeOf(value).at(-1) as number;
  const spread = (numbers: readonly number[], sign: 1 | -1) => {
    const numberAt = (channel: number) => numbers[numbers.length === 1 ? 0 : channel] as number;
    // Adding 0 turns -0 into 0.
    const values = Float32Array.from({ length: channels }, (_, at) => sign * numberAt(at) + 0);
    return { kind: "float", shape: [channels], values } as const;
  };
  const [output] = addNode(call, "affine", {
    inputs: [value],
    options: {},
    tensors: { scale: spread(scale, 1), threshold: spread(shift, -1) },
  });
  return output as ValueId;
};

/**
 * The numbers of a constant that is combined with maps or vectors: one, or one for each channel.
 * @throws Unsupported if it differs from place to place.
 */
export const channelNumbers = ({ dims, values }: Constant, { shape }: Resolved): number[] => {
  const rank = shape.length === 3 ? 4 : 2;
  const channels = shape.at(-1) as number;
  const isPerChannel =
    values.length === channels &&
    dims.length <= rank &&
    dims.every((side, axis) => side === (axis - dims.length + rank === 1 ? channels : 1));
  if (values.length === 1 && dims.length <= rank) return [values[0] as number];
  if (isPerChannel) return Array.from(values);
  throw new Unsupported(`combines constants of the shape [${dims}] with ${channels} channels`);
};
