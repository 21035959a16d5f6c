/** One of the settings of a layer: what it costs, and by how much it raises the loss. */
export interface Choice {
  /** A whole number. */
  readonly cost: number;
  readonly loss: number;
}

/** Choices so far: the sum of both, and the last choice with those before it. */
interface State {
  readonly cost: number;
  readonly loss: number;
  readonly choice: number;
  readonly before: State | null;
}

/** The lower convex hull of a layer's choices by cost, from the cheapest one. */
const hullOf = (choices: readonly Choice[]): Choice[] => {
  const sorted = [...choices].sort((a, b) => a.cost - b.cost || a.loss - b.loss);
  const hull: Choice[] = [];
  for (const next of sorted) {
    const last = hull.at(-1);
    if (last && next.loss >= last.loss) continue;
    for (;;) {
      const [a, b] = [hull.at(-2), hull.at(-1)];
      if (!a || !b) break;
      const isAbove =
        (b.loss - a.loss) * (next.cost - a.cost) >= (next.loss - a.loss) * (b.cost - a.cost);
      if (!isAbove) break;
      hull.pop();
    }
    hull.push(next);
  }
  return hull;
};

interface Gain {
  readonly cost: number;
  readonly gain: number;
}

/** The least loss of the layers from `start` on with a budget, if fractions of choices were allowed: a lower bound. */
const createBound = (layers: readonly (readonly Choice[])[]) => {
  const hulls = layers.map(hullOf);
  const suffixes = layers.map((_, start) => {
    const own = hulls.slice(start);
    const base = own.reduce(
      (sum, [first]) => ({
        cost: sum.cost + (first?.cost ?? 0),
        loss: sum.loss + (first?.loss ?? 0),
      }),
      { cost: 0, loss: 0 },
    );
    const gains = own
      .flatMap((hull) =>
        hull.slice(1).map((choice, index): Gain => {
          const previous = hull[index] as Choice;
          return { cost: choice.cost - previous.cost, gain: previous.loss - choice.loss };
        }),
      )
      .sort((a, b) => b.gain / b.cost - a.gain / a.cost);
    return { base, gains };
  });
  return (start: number, budget: number): number => {
    const suffix = suffixes[start];
    if (!suffix) return budget < 0 ? Number.POSITIVE_INFINITY : 0;
    let left = budget - suffix.base.cost;
    if (left < 0) return Number.POSITIVE_INFINITY;
    let { loss } = suffix.base;
    for (const { cost, gain } of suffix.gains) {
      if (cost > left) return loss - (gain * left) / cost;
      left -= cost;
      loss -= gain;
    }
    return loss;
  };
};

/** States of which none costs as much or more than another without a smaller loss, by cost. */
const undominated = (states: State[]): State[] => {
  states.sort((a, b) => a.cost - b.cost || a.loss - b.loss);
  const kept: State[] = [];
  for (const state of states) {
    const last = kept.at(-1);
    if (!last || state.loss < last.loss) kept.push(state);
  }
  return kept;
};

/** A selection that fits the budget, along the hulls: the first upper bound. Null if even the cheapest choices do not fit. */
const greedy = (layers: readonly (readonly Choice[])[], budget: number): number | null => {
  const hulls = layers.map(hullOf);
  let [cost, loss] = [0, 0];
  for (const [first] of hulls) {
    cost += first?.cost ?? 0;
    loss += first?.loss ?? 0;
  }
  if (cost > budget) return null;
  const steps = hulls.flatMap((hull, layer) =>
    hull.slice(1).map((choice, index) => {
      const previous = hull[index] as Choice;
      return { layer, cost: choice.cost - previous.cost, gain: previous.loss - choice.loss };
    }),
  );
  steps.sort((a, b) => b.gain / b.cost - a.gain / a.cost);
  const stopped = new Set<number>();
  for (const step of steps) {
    if (stopped.has(step.layer)) continue;
    if (cost + step.cost > budget) {
      stopped.add(step.layer);
      continue;
    }
    cost += step.cost;
    loss -= step.gain;
  }
  return loss;
};

/**
 * Chooses one setting per layer with the least sum of losses whose sum of costs is within a budget, exactly: a multiple-choice
 * knapsack, solved layer by layer. Partial selections are dropped if another one costs no more and loses no more, or
 * if even fractions of choices could not bring them below a selection that is known.
 * @returns the index of the choice of each layer; null if the cheapest choices exceed the budget
 */
export const chooseBits = (
  layers: readonly (readonly Choice[])[],
  budget: number,
): number[] | null => {
  const known = greedy(layers, budget);
  if (known === null) return null;
  const bound = createBound(layers);
  // Sums of losses in another order differ by rounding.
  const limit = known + Math.abs(known) * 1e-12;
  let states: State[] = [{ cost: 0, loss: 0, choice: -1, before: null }];
  for (const [index, choices] of layers.entries()) {
    const next = states.flatMap((before) =>
      choices.flatMap(({ cost, loss }, choice): State[] => {
        const state = { cost: before.cost + cost, loss: before.loss + loss, choice, before };
        return state.loss + bound(index + 1, budget - state.cost) <= limit ? [state] : [];
      }),
    );
    states = undominated(next);
  }
  let best = states.reduce<State | null>(
    (least, state) => (least && least.loss <= state.loss ? least : state),
    null,
  );
  const chosen: number[] = [];
  for (; best?.before; best = best.before) chosen.unshift(best.choice);
  return chosen.length === layers.length ? chosen : null;
};
