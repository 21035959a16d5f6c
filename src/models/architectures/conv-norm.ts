import type { ValueId } from "../../graph/graph.js";
import type { GraphBuilder } from "../../graph/graph-builder.js";
import type { NodeOptions } from "../../graph/node-defaults.js";

export interface ConvNormOptions {
  readonly conv: NodeOptions["conv"];
  /** Names of the convolution and its norm. */
  readonly names: readonly [conv: string, norm: string];
  readonly norm?: NodeOptions["batchNorm"];
}

/** A convolution and its batch norm. */
export const convNorm = (
  g: GraphBuilder,
  x: ValueId,
  { conv, names, norm }: ConvNormOptions,
): ValueId => g.batchNorm(names[1], g.conv(names[0], x, conv), norm);

/** The channels of a value, for depthwise convolutions. */
export const channelsAt = (g: GraphBuilder, x: ValueId): number => g.shapeOf(x).at(-1) as number;
