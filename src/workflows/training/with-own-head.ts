import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { netState } from "../../checkpoint/tensors/net-state.js";
import type { Net } from "../../models/net.js";
import { graphOf, type NetSpec } from "../../models/net-spec.js";
import { classLayers } from "../../models/replace-head.js";
import type { WorkflowEvent } from "../events.js";

/** The event for a net with other classes than the file that it starts from, or undefined. */
export const headReplaced = (file: Checkpoint, spec: NetSpec): WorkflowEvent | undefined => {
  const { classes: before } = file.net;
  const { classes: after } = spec;
  if (before === after) return undefined;
  return {
    kind: "head-replaced",
    file: file.path,
    layer: [...classLayers(graphOf(spec))].join(", "),
    before,
    after,
  };
};

/** A checkpoint for a net: if it has other classes, with the initial values of the net's own head. */
export const withOwnHead = (file: Checkpoint, net: Net): Checkpoint => {
  if (file.net.classes === net.spec.classes) return file;
  const heads = [...classLayers(graphOf(net.spec))].map((name) => `${name}.`);
  const own = [...netState(net)].filter(([name]) => heads.some((head) => name.startsWith(head)));
  return { ...file, state: new Map([...file.state, ...own]) };
};
