import fc from "fast-check";
import type { Graph, ValueId } from "../../src/graph/graph.js";
import { createGraphBuilder, type GraphBuilder } from "../../src/graph/graph-builder.js";
import { channelsOf } from "../../src/graph/shape.js";

/** Kinds of blocks in random graphs. */
const blockKinds = [
  "plain",
  "residual",
  "projected",
  "padded shortcut",
  "dense",
  "two branches",
  "split",
  "split and shuffle",
  "depthwise",
  "depthwise of two",
  "grouped",
  "grouped and shuffled",
  "squeeze and excitation",
  "norm first",
  "pool",
  "prelu",
] as const;

const block = fc.record({
  kind: fc.constantFrom(...blockKinds),
  /** Filters in multiples of 4, so that groups divide them. */
  width: fc.integer({ min: 1, max: 4 }).map((count) => 4 * count),
  groups: fc.constantFrom(2, 4),
  isPadded: fc.boolean(),
  hasNorm: fc.boolean(),
  activation: fc.constantFrom("relu", "relu6", "hardSwish", "sigmoid"),
});
type Block = typeof block extends fc.Arbitrary<infer T> ? T : never;

const shape = fc.record({
  stem: fc.integer({ min: 1, max: 4 }).map((count) => 4 * count),
  blocks: fc.array(block, { minLength: 1, maxLength: 5 }),
  end: fc.constantFrom("mean", "flatten", "two dense layers"),
});

/** A convolution that keeps the sides, with its norm and activation. */
const conv = (
  g: GraphBuilder,
  x: ValueId,
  own: Block,
  more: { filters?: number; groups?: number; isLinear?: boolean } = {},
): ValueId => {
  const { filters = own.width, groups = 1, isLinear = false } = more;
  const side = own.isPadded ? { kernel: 3, padding: 1 } : { kernel: 1 };
  const y = g.conv(nextName(g, "c"), x, { filters, groups, hasBias: !own.hasNorm, ...side });
  const z = own.hasNorm ? g.batchNorm(nextName(g, "bn"), y) : y;
  return isLinear ? z : g.activation(z, { function: own.activation });
};

const counters = new WeakMap<GraphBuilder, number>();
const nextName = (g: GraphBuilder, stem: string): string => {
  const count = (counters.get(g) ?? 0) + 1;
  counters.set(g, count);
  return `${stem}_${count}`;
};

const squeezed = (g: GraphBuilder, x: ValueId): ValueId => {
  const channels = channelsOf(g.shapeOf(x));
  const small = g.globalPool(x, { keepsMaps: true });
  const narrow = g.relu(
    g.conv(nextName(g, "reduce"), small, { filters: 4, kernel: 1, hasBias: true }),
  );
  const wide = g.conv(nextName(g, "expand"), narrow, {
    filters: channels,
    kernel: 1,
    hasBias: true,
  });
  return g.multiply(x, g.activation(wide, { function: "sigmoid" }));
};

/** The groups of a convolution, if they divide its inputs. */
const groupsFor = (channels: number, { groups }: Block): number =>
  channels % groups === 0 ? groups : 1;

const addBlock = (g: GraphBuilder, x: ValueId, own: Block): ValueId => {
  const channels = channelsOf(g.shapeOf(x));
  const linear = { filters: channels, isLinear: true };
  switch (own.kind) {
    case "plain":
      return conv(g, x, own);
    case "residual":
      return g.relu(g.add(x, conv(g, conv(g, x, own), own, linear)));
    case "projected":
      return g.relu(
        g.add(conv(g, x, own, { isLinear: true }), conv(g, x, own, { isLinear: true })),
      );
    case "padded shortcut": {
      const wider = g.pad(x, { channels: [2, 2] });
      return g.relu(g.add(wider, conv(g, x, own, { filters: channels + 4, isLinear: true })));
    }
    case "dense":
      return g.concat(x, conv(g, x, own));
    case "two branches":
      return g.concat(conv(g, x, own), conv(g, x, own, { filters: 4 }), x);
    case "split": {
      const [one, other] = g.split(x, [
        Math.ceil(channels / 4),
        channels - Math.ceil(channels / 4),
      ]) as [string, string];
      return g.concat(other, conv(g, one, own));
    }
    case "split and shuffle": {
      if (channels % 2 === 1) return conv(g, x, own);
      const [one, other] = g.split(x, [channels / 2, channels / 2]) as [string, string];
      return g.shuffle(g.concat(one, conv(g, other, own, { filters: channels / 2 })), 2);
    }
    case "depthwise":
      return conv(g, x, own, { filters: channels, groups: channels });
    case "depthwise of two":
      return conv(g, x, own, { filters: 2 * channels, groups: channels });
    case "grouped":
      return conv(g, x, own, { groups: groupsFor(channels, own) });
    case "grouped and shuffled":
      return g.shuffle(conv(g, x, own, { groups: groupsFor(channels, own) }), own.groups);
    case "squeeze and excitation":
      return squeezed(g, x);
    case "norm first":
      return g.conv(nextName(g, "c"), g.relu(g.batchNorm(nextName(g, "bn"), x)), {
        filters: own.width,
        kernel: 1,
      });
    case "pool":
      return g.maxPool(x, { kernel: 3, stride: 1, padding: 1 });
    case "prelu":
      return g.prelu(nextName(g, "prelu"), x);
  }
};

/** Graphs of all ways in which channels are coupled, for images of 4x4. */
export const randomGraph: fc.Arbitrary<Graph> = shape.map(({ stem, blocks, end }) => {
  const g = createGraphBuilder({ height: 4, width: 4, channels: 2 });
  let x = g.conv("stem", g.images, { filters: stem, kernel: 1 });
  x = g.relu(g.batchNorm("stem.bn", x));
  for (const own of blocks) x = addBlock(g, x, own);
  const vector = end === "mean" ? g.globalPool(x) : g.flatten(x);
  const hidden =
    end === "two dense layers"
      ? g.relu(g.dense("hidden", vector, { features: 8, hasBias: true }))
      : vector;
  return g.finish(g.dense("classes", hidden, { features: 3, hasBias: true }));
});
