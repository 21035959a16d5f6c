import { type PlanEngine, referenceEngine } from "../../src/runtime/engine.js";
import type { Plan, PlanStep } from "../../src/runtime/plan/plan.js";
import type { Numbers } from "../../src/runtime/reference/memory.js";

/** The numbers of every step's output. */
const outputsOf = ({ steps }: Plan, engine: PlanEngine, image: Float32Array) => {
  engine.input.set(image);
  const outputs: Numbers[] = [];
  engine.trace((at) => outputs.push(engine.read((steps[at] as PlanStep).output).slice()));
  return outputs;
};

/**
 * The first step whose output differs in a bit from that of the reference (except for the sign of 0), for the first of some
 * images; undefined if none does. It disposes the engine.
 */
export const firstDifferent = (
  plan: Plan,
  engine: PlanEngine,
  images: Float32Array,
): string | undefined => {
  const image = images.subarray(0, engine.input.length);
  const expected = outputsOf(plan, referenceEngine(plan), image);
  const actual = outputsOf(plan, engine, image);
  engine.dispose();
  const at = expected.findIndex((numbers, step) =>
    numbers.some((number, index) => !Object.is(number + 0, (actual[step]?.[index] as number) + 0)),
  );
  return at < 0 ? undefined : `step ${at}: ${JSON.stringify(plan.steps[at])?.slice(0, 200)}`;
};
