import type { Plan, ValueIndex } from "./plan/plan.js";
import { type Memory, type Numbers, storedValue } from "./reference/memory.js";
import { referenceStep } from "./reference/reference-step.js";

/** The kernels that compute a plan. */
export type EngineKind = "reference" | "wasm" | "native";

/** A plan with memory, ready to run. */
export interface PlanEngine {
  readonly kind: EngineKind;
  /** The instructions that its kernels use, for people. */
  readonly instructions: string;
  /** Bytes of values, weights and scratch memory. */
  readonly memoryBytes: number;
  readonly threads: number;
  /** Why there are fewer threads than asked for; for people. */
  readonly obstacle?: string | undefined;
  /** The images' place: pixels of one image, normalized. */
  readonly input: Float32Array;
  /** The logits of the last run. */
  readonly output: Float32Array;
  readonly run: () => void;
  /** The numbers of a value after a run; another value may have taken its place by then. */
  readonly read: (index: ValueIndex) => Numbers;
  /** Runs step by step and calls `after` with every step's index; for comparisons. */
  readonly trace: (after: (step: number) => void) => void;
  readonly dispose: () => void;
}

/** An engine that runs prepared steps of a plan, one after the other, on their memory. */
export const engineOfSteps = (
  facts: Pick<
    PlanEngine,
    "kind" | "instructions" | "memoryBytes" | "threads" | "obstacle" | "dispose"
  >,
  { plan, memory, steps }: { plan: Plan; memory: Memory; steps: readonly (() => void)[] },
): PlanEngine => {
  const read = (index: ValueIndex): Numbers => storedValue(plan, memory, index).numbers;
  return {
    ...facts,
    input: read(plan.input) as Float32Array,
    output: read(plan.output) as Float32Array,
    run: () => {
      for (const step of steps) step();
    },
    read,
    trace: (after) => {
      for (const [index, step] of steps.entries()) {
        step();
        after(index);
      }
    },
  };
};

/** Runs a plan with the kernels in TypeScript, which define what a step computes. */
export const referenceEngine = (plan: Plan): PlanEngine => {
  const memory = { buffer: new ArrayBuffer(plan.arenaBytes), base: 0 };
  const steps = plan.steps.map((step) => referenceStep(plan, step, memory));
  const { arenaBytes: memoryBytes } = plan;
  return engineOfSteps(
    { kind: "reference", instructions: "JavaScript", memoryBytes, threads: 1, dispose: () => {} },
    { plan, memory, steps },
  );
};
