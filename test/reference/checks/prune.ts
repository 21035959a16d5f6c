import { z } from "zod";
import { applyState } from "../../../src/checkpoint/tensors/net-state.js";
import { readNetWeights, weightsState } from "../../../src/checkpoint/tensors/net-weights.js";
import { int32Values } from "../../../src/formats/safetensors/tensor-values.js";
import { buildNet } from "../../../src/models/build-net.js";
import { architectureNames, builtInSpec } from "../../../src/models/chains/built-in-chain.js";
import type { ChainSpec } from "../../../src/models/chains/chain-spec.js";
import type { NetWeights } from "../../../src/models/chains/conv-weights.js";
import { stateNames } from "../../../src/models/chains/state-names.js";
import { channelImportance } from "../../../src/prune/importance.js";
import { makePlan } from "../../../src/prune/make-plan.js";
import { maskWeights } from "../../../src/prune/mask-weights.js";
import type { PrunePlan } from "../../../src/prune/plan.js";
import { pruneWeights } from "../../../src/prune/prune-weights.js";
import { prunedSpec } from "../../../src/prune/pruned-spec.js";
import { referenceBases, referenceKeep } from "../../../src/prune/reference-rules.js";
import { below, stored, type Tensors, toNhwc, valuesOf } from "../compare.js";
import type { Check, CheckInput } from "./check.js";

/** float32 sums in another order. */
const LOGITS_TOLERANCE = 1e-4;

const initParams = z.object({ net: z.enum(architectureNames), cfg: z.array(z.int()) });
const pruneParams = z.object({ percent: z.number(), normal_regular: z.int().default(1) });
const scalars = z.looseObject({
  cfg: z.array(z.int()),
  threshold: z.number(),
  mask_count: z.array(z.int()),
  cfg_fits_masks: z.boolean().default(false),
  groups: z.array(z.int()).optional(),
  prune_base_num: z.array(z.int()).optional(),
});

const specOf = (params: Record<string, unknown>): ChainSpec => {
  const { net: arch, cfg: widths } = initParams.parse(params);
  return builtInSpec({
    arch,
    widths,
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "tnn_bin",
    quantization: { weights: { kind: "float" }, activations: { kind: "float" } },
  });
};

/** The net that a case prunes: a case's own tensors replace those of its init. */
const startOf = async ({ fixture, fixtures, tensors }: CheckInput) => {
  const isGrouped = fixture.kind === "gc-prune";
  const initCase = fixtures.caseNamed(isGrouped ? "gc-prune-init" : "prune-init-nin");
  const init = await fixtures.tensorsOf(initCase);
  const state = new Map([...below(init, "state."), ...below(tensors, "state.")]);
  const spec = specOf(initCase.params);
  const weights = readNetWeights({ state, path: fixture.name, manifest: undefined }, spec);
  return { init, spec, weights };
};

const logitsOf = (spec: ChainSpec, weights: NetWeights, images: Tensors): Float32Array => {
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  applyState(net, weightsState(spec, weights), "weights");
  const logits = net.infer(toNhwc(images, "images")).dataSync() as Float32Array;
  net.dispose();
  return logits;
};

const indices = (mask: ArrayLike<number>): number[] =>
  Array.from(mask).flatMap((value, at) => (value === 1 ? [at] : []));

/** A plan that keeps what masks keep. */
const planOf = (masks: readonly ArrayLike<number>[], threshold: number): PrunePlan => ({
  layers: masks.map((mask, conv) => ({
    conv,
    threshold,
    total: mask.length,
    kept: indices(mask).length,
    above: 0,
    keptBelow: 0,
    prunedAbove: 0,
    keep: indices(mask),
    reasons: [],
  })),
});

/** Where qprune means to differ shows in the values: an emptied layer, a count below the base, a tie at the cut. */
const differsOnPurpose = (
  gamma: Float32Array,
  threshold: number,
  base: number,
  kept: number,
): boolean => {
  const magnitudes = Array.from(gamma, Math.abs).sort((a, b) => b - a);
  const above = magnitudes.filter((value) => value > threshold).length;
  return above === 0 || (base > 1 && above < base) || magnitudes[kept - 1] === magnitudes[kept];
};

/** Counts of a layer's channels by producing and reading group, shuffled as a list is. */
const cellTable = (spec: ChainSpec, at: number, width: number): number[] => {
  const [producer, reader] = [spec.convs[at], spec.convs[at + 1]];
  if (!producer || !reader) throw new Error(`no layer ${at}`);
  const table = new Array(producer.groups * reader.groups).fill(0) as number[];
  const rows = Array.from({ length: reader.shuffle }, (_, row) =>
    Array.from({ length: width / reader.shuffle }, (_, at) => (row * width) / reader.shuffle + at),
  );
  const shuffled = (rows[0] ?? []).flatMap((_, column) => rows.map((row) => row[column] as number));
  shuffled.forEach((channel, position) => {
    const from = Math.floor(channel / (width / producer.groups));
    const cell = from * reader.groups + Math.floor(position / (width / reader.groups));
    table[cell] = (table[cell] as number) + 1;
  });
  return table;
};

/** True where some cell of a smaller layer needs more channels than that of the larger one has. */
const isBeyondCells = (spec: ChainSpec, at: number, kept: number): boolean => {
  const larger = cellTable(spec, at, spec.convs[at]?.width ?? 0);
  return cellTable(spec, at, kept).some((count, cell) => count > (larger[cell] as number));
};

const gammasOf = (weights: NetWeights): Float32Array[] =>
  weights.slice(0, -1).map(({ affine }) => affine?.gamma ?? new Float32Array());

/** The init of the prune cases: the norms have the names that the original lists, and the state fits. */
export const checkPruneInit: Check = ({ fixture, tensors, findings }) => {
  const spec = specOf(fixture.params);
  const norms = z.array(z.string()).parse(fixture.params.bn);
  findings.claim(
    "norm names differ",
    String(stateNames(spec).map(({ norm }) => norm)) === String(norms),
  );
  const state = below(tensors, "state.");
  const weights = readNetWeights({ state, path: fixture.name, manifest: undefined }, spec);
  const written = weightsState(spec, weights);
  findings.claim(
    "names or order differ",
    String([...written.keys()]) ===
      String(
        [...state.keys()].sort(
          (a, b) => [...written.keys()].indexOf(a) - [...written.keys()].indexOf(b),
        ),
      ),
  );
  for (const [name, tensor] of written) {
    if (name.endsWith("num_batches_tracked")) continue;
    findings.claim(
      `${name} differs`,
      Buffer.from(tensor.data).equals(Buffer.from(stored(state, name).data)),
    );
  }
};

/** The original's masks by the reference rule; the product's plan wherever it does not differ on purpose. */
const checkMasks = (
  input: CheckInput,
  weights: NetWeights,
  spec: ChainSpec,
  bases: readonly number[],
): readonly ArrayLike<number>[] => {
  const { fixture, tensors, findings } = input;
  const expected = scalars.parse(fixture.scalars);
  const { percent, normal_regular: multiple } = pruneParams.parse(fixture.params);
  const gammas = gammasOf(weights);
  const rule = referenceKeep(gammas, percent, bases);
  const names = stateNames(spec).slice(0, -1);
  const masks = names.map(({ norm }) => int32Values(stored(tensors, `mask.${norm}`), norm));
  findings.close("threshold", [rule.threshold], [expected.threshold], 0);
  findings.claim("widths of the rule differ", String(rule.widths) === String(expected.cfg));
  masks.forEach((mask, at) => {
    findings.claim(
      `mask ${at} of the rule differs`,
      String(indices(rule.masks[at] ?? [])) === String(indices(mask)),
    );
  });
  const importance = channelImportance(weights, "gamma");
  if (!importance) throw new Error("a norm has no gamma");
  const plan = makePlan({ spec, importance, share: { kind: "global", percent }, multiple });
  plan.layers.forEach(({ keep, kept }, at) => {
    const theirs = expected.cfg[at] as number;
    const gamma = gammas[at] as Float32Array;
    if (differsOnPurpose(gamma, expected.threshold, bases[at] as number, theirs)) return;
    if (isBeyondCells(spec, at, theirs)) return;
    findings.claim(`width ${at} of the plan is ${kept}`, kept === theirs);
    const isUngrouped = spec.convs.every(({ groups }) => groups === 1);
    findings.claim(
      `plan ${at} keeps other channels`,
      !isUngrouped || String(keep) === String(indices(masks[at] as ArrayLike<number>)),
    );
  });
  return masks;
};

/** normal_regular_prune.py: masks, widths, the smaller net's tensors, logits of both. */
export const checkPrune: Check = async (input) => {
  const { fixture, tensors, findings } = input;
  const { init, spec, weights } = await startOf(input);
  const expected = scalars.parse(fixture.scalars);
  const { normal_regular: multiple } = pruneParams.parse(fixture.params);
  const masks = checkMasks(
    input,
    weights,
    spec,
    gammasOf(weights).map(() => multiple),
  );
  const plan = planOf(masks, expected.threshold);
  const masked = logitsOf(spec, maskWeights(weights, plan), init);
  findings.close("masked logits", masked, valuesOf(tensors, "logits_masked"), LOGITS_TOLERANCE);
  const small = pruneWeights(spec, weights, plan);
  const smallSpec = prunedSpec(spec, plan);
  const state = weightsState(smallSpec, small);
  for (const [name, tensor] of below(tensors, "small.")) {
    const ours = stored(state, name);
    findings.claim(
      `small ${name} differs`,
      Buffer.from(ours.data).equals(Buffer.from(tensor.data)),
    );
    if (expected.cfg_fits_masks)
      findings.claim(
        `small ${name} has shape ${ours.shape}`,
        String(ours.shape) === String(tensor.shape),
      );
  }
  const logits = logitsOf(smallSpec, small, init);
  findings.close("small logits", logits, valuesOf(tensors, "logits_small"), LOGITS_TOLERANCE);
};

/** gc_prune.py: base numbers, masks, widths, masked logits. */
export const checkGroupedPrune: Check = async (input) => {
  const { fixture, tensors, findings } = input;
  const { init, spec, weights } = await startOf(input);
  const expected = scalars.parse(fixture.scalars);
  const bases = referenceBases(spec.convs.map(({ groups }) => groups));
  findings.claim("bases differ", String(bases) === String(expected.prune_base_num));
  findings.claim(
    "groups differ",
    String(spec.convs.map(({ groups }) => groups)) === String(expected.groups),
  );
  const masks = checkMasks(input, weights, spec, bases);
  const masked = logitsOf(spec, maskWeights(weights, planOf(masks, expected.threshold)), init);
  findings.close("masked logits", masked, valuesOf(tensors, "logits_masked"), LOGITS_TOLERANCE);
};
