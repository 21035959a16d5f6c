import { inputsOf, type PlanStep, type PlanValue, valueBytes } from "./plan.js";

/** Values start at multiples of this, the width of a vector. */
const ALIGNMENT = 64;
/** Bytes after every value that a vector may read beyond its end. */
const SLACK = 16;

interface Lifetime {
  readonly index: number;
  readonly bytes: number;
  /** The step that writes it (-1: before the first), and the last that reads it. */
  readonly first: number;
  readonly last: number;
}

const lifetimesOf = (
  values: readonly Omit<PlanValue, "offset">[],
  steps: readonly PlanStep[],
  output: number,
): Lifetime[] => {
  const first = new Int32Array(values.length).fill(-1);
  const last = new Int32Array(values.length).fill(-1);
  for (const [at, step] of steps.entries()) {
    first[step.output] = at;
    last[step.output] = Math.max(last[step.output] as number, at);
    for (const input of inputsOf(step)) last[input] = at;
  }
  last[output] = steps.length;
  return values.map((value, index) => ({
    index,
    bytes: Math.ceil((valueBytes(value) + SLACK) / ALIGNMENT) * ALIGNMENT,
    first: first[index] as number,
    last: last[index] as number,
  }));
};

/**
 * Places values in one arena so that no two that live at the same time overlap: the largest first, each at the lowest free
 * offset (greedy by size, Pisarchyk & Lee 2020, "Efficient Memory Management for Deep Neural Net Inference", section 5).
 */
export const placeValues = (
  values: readonly Omit<PlanValue, "offset">[],
  steps: readonly PlanStep[],
  output: number,
): { readonly values: PlanValue[]; readonly arenaBytes: number } => {
  const placed: (Lifetime & { readonly offset: number })[] = [];
  for (const own of lifetimesOf(values, steps, output).toSorted((a, b) => b.bytes - a.bytes)) {
    const others = placed
      .filter(({ first, last }) => first <= own.last && own.first <= last)
      .toSorted((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const other of others) {
      if (other.offset - offset >= own.bytes) break;
      offset = Math.max(offset, other.offset + other.bytes);
    }
    placed.push({ ...own, offset });
  }
  const offsets = new Map(placed.map(({ index, offset }) => [index, offset]));
  return {
    values: values.map((value, index) => ({ ...value, offset: offsets.get(index) as number })),
    arenaBytes: placed.reduce((most, { offset, bytes }) => Math.max(most, offset + bytes), 0),
  };
};
