import { QpruneError } from "../../base/errors.js";
import { type Graph, outputValue, type ValueId } from "../../graph/graph.js";
import type { Model } from "../../graph/model.js";
import { planIntegers } from "../../integer/plan-integers.js";
import { planSteps, type Step } from "../../models/executor/steps.js";
import { placeValues } from "./arena.js";
import { compileConv } from "./compile-conv.js";
import { compileIntegers } from "./compile-integers.js";
import { compileNode } from "./compile-node.js";
import { createDraft, type Draft } from "./draft.js";
import { FLOATS, type Plan } from "./plan.js";
import { affineOf, normOf, tailActivation } from "./read-tails.js";

const compileStep = (draft: Draft, step: Step, index: number): void => {
  if (draft.isDone(index)) return;
  switch (step.kind) {
    case "conv":
      compileConv(draft, step);
      return;
    case "norm":
    case "affine": {
      const affine =
        step.kind === "norm" ? normOf(draft.model, step) : affineOf(draft.model, step.node.name);
      const { shuffleGroups } = step.tail;
      const activation = tailActivation(draft.model, step);
      draft.addTail(step.node.inputs[0] as ValueId, step.outputs[0] as ValueId, {
        bias: null,
        affine,
        activation,
        shuffleGroups,
      });
      return;
    }
    case "node":
      compileNode(draft, step.node, step.outputs);
      return;
  }
};

const refuseLatent = ({ nodes }: Graph): void => {
  const latent = nodes.find((node) => "stored" in node && node.stored === "latent");
  if (!latent || !("quantizer" in latent) || latent.quantizer.kind === "float") return;
  throw new QpruneError(
    `The weights of ${latent.name} are latent; only quantized ones are computed with.`,
    {
      hint: "Export the net in the packed format first.",
    },
  );
};

/** The plan of a net of affine quantizers alone; undefined for others, which compute with floats between codes. */
const integerPlan = (model: Model): Plan | undefined => {
  const { graph } = model;
  const isAffine = graph.nodes.some(
    (node) => node.kind === "quantize" && node.quantizer.kind === "affine",
  );
  if (!isAffine) return undefined;
  try {
    return compileIntegers(planIntegers(model, "single"), graph.inputs[0]?.name as string);
  } catch (error) {
    if (error instanceof QpruneError) return undefined;
    throw error;
  }
};

/**
 * Compiles a net with quantized weights, with or without folded batch norms, to steps on integer codes where its values are
 * quantized, and on floats elsewhere. The steps compute what the training engine computes in evaluation: sums of codes are
 * exact, and what follows them is computed in float32 in the engine's order. Sums of floats may differ in their rounding. Nets of
 * affine quantizers compute what their integer executor does (integer/run-integers.ts).
 * @throws QpruneError if the net has latent weights.
 */
export const compilePlan = (model: Model): Plan => {
  const { graph } = model;
  refuseLatent(graph);
  const integers = integerPlan(model);
  if (integers) return integers;
  const steps = planSteps(graph);
  const draft = createDraft(model, steps);
  for (const [index, step] of steps.entries()) compileStep(draft, step, index);
  const output = draft.floatsOf(outputValue(graph));
  const input = draft.indexOf(graph.inputs[0]?.name as string);
  const { values, arenaBytes } = placeValues(draft.values, draft.steps, output);
  if (values[input]?.format !== FLOATS) throw new Error("The images are floats.");
  return { values, steps: draft.steps, input, output, arenaBytes };
};
