import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { netState } from "../../checkpoint/tensors/net-state.js";
import type { Net } from "../../models/net.js";
import { graphOf } from "../../models/net-spec.js";
import { headOf } from "../../models/replace-head.js";

/** A checkpoint for a net: if it has other classes, with the initial values of the net's own head. */
export const withOwnHead = (file: Checkpoint, net: Net): Checkpoint => {
  if (file.net.classes === net.spec.classes) return file;
  const head = `${headOf(graphOf(net.spec)).name}.`;
  const own = [...netState(net)].filter(([name]) => name.startsWith(head));
  return { ...file, state: new Map([...file.state, ...own]) };
};
