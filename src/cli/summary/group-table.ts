import { shownNames } from "../../base/shown-names.js";
import type { CoupledLayers, FixedReason } from "../../prune/channels/coupled-layers.js";
import { textTable } from "../../report/text-table.js";

const WHY_FIXED: Readonly<Record<FixedReason, string>> = {
  end: "no: channels of the images or outputs",
  constant: "no: constants, which no layer computes",
  structure: "no: no smaller net leads them through groups and shuffles in this way",
};

/** How the channels of coupled layers can be removed. */
const howPruned = ({ fixedBecause, structure }: CoupledLayers): string => {
  if (fixedBecause) return WHY_FIXED[fixedBecause];
  return structure ? "in steps that keep groups and shuffles" : "one by one";
};

const MOST_LAYERS = 4;

/** The layers that are pruned together; each row has as many channel groups as channels can be removed. */
export const groupTable = (coupled: readonly CoupledLayers[]): string =>
  textTable(
    [
      { title: "layers pruned together" },
      { title: "channel groups", isNumber: true },
      { title: "pruned" },
    ],
    coupled
      .filter(({ names }) => names.length > 0)
      .map((layers) => [
        shownNames(layers.names, MOST_LAYERS),
        String(layers.groups.length),
        howPruned(layers),
      ]),
  );
