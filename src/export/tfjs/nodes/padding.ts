import type { NodeOf } from "../../../graph/graph.js";
import { FLOAT, INT, type TfGraphBuilder } from "../tf-graph.js";

type Borders = Pick<NodeOf<"pad">, "padding" | "channels" | "value">;

/** Pads the output of node `x` with rows, columns and channels of a constant value. */
export const addPadding = (
  builder: TfGraphBuilder,
  name: string,
  x: string,
  { padding, channels = [0, 0], value }: Borders,
): string => {
  const [top, left, bottom, right] = padding;
  const [before, after] = channels;
  const all = [...padding, ...channels];
  if (all.every((border) => border === 0)) return x;
  const isEven = padding.every((border) => border === top) && before + after === 0;
  const borders = `pad_${isEven ? top : all.join("_")}`;
  const sides = builder.ints(borders, [0, 0, top, bottom, left, right, before, after], [4, 2]);
  return builder.add("PadV2", name, [x, sides, builder.scalar(value)], {
    T: FLOAT,
    Tpaddings: INT,
  });
};
