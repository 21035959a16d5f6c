import { z } from "zod";
import { fromOihw, toOihw } from "../../../src/checkpoint/tensors/kernel-layout.js";
import { netState } from "../../../src/checkpoint/tensors/net-state.js";
import { float32Values, int64Values } from "../../../src/formats/safetensors/tensor-values.js";
import type { Net } from "../../../src/models/net.js";
import { chainSpecOf } from "../../../src/models/net-spec.js";
import { quantizeWeights } from "../../../src/quant/tensors/quantize-weights.js";
import { usePlainOps } from "../../../src/tensor/op.js";
import { softmaxCrossEntropy } from "../../../src/tensor/ops/softmax-cross-entropy.js";
import { type Tensor1D, tf } from "../../../src/tensor/tf.js";
import { createAdam } from "../../../src/train/optimizers/adam.js";
import type { Optimizer, OptimizerStep } from "../../../src/train/optimizers/optimizer.js";
import {
  below,
  createFindings,
  type Findings,
  stored,
  type Tensors,
  toNhwc,
  valuesOf,
} from "../compare.js";
import type { Check, CheckInput } from "./check.js";
import { netOfModelCase } from "./model-case.js";

/** What is well determined holds to this; the original itself is within 1e-5 of its float64 twin there. */
const TOLERANCE = 1e-4;
/** Where a value of 8 bits may fall on either side of a boundary, training is only like the original's. */
const LOOSE = { logits: 0.05, loss: 0.02, cosine: 0.9 };
/** Share of a tensor's values that may take another first step of Adam, their gradient being nearly 0. */
const UNDETERMINED_SHARE = 0.02;

/** The original's own rounding noise above this is too much to hold anything to. */
const NOISE_LIMIT = 1e-5;

const optimizerParams = z.object({ lr: z.number(), weight_decay: z.number() });
const noise = z.looseObject({ "above_1e-5": z.record(z.string(), z.number()).default({}) });
const scalarsSchema = z.looseObject({
  loss_eval: z.number(),
  losses_train: z.array(z.number()).min(1),
  printed_by_test: z.string(),
  boundary_sensitive: z.boolean(),
  float64_difference: z.looseObject({
    losses: z.array(z.number()),
    after1: noise.optional(),
    after3: noise.optional(),
  }),
});
type Scalars = z.output<typeof scalarsSchema>;

/** How far the original is from its float64 twin, in a step's logits or loss. */
const noiseOf = ({ float64_difference: difference }: Scalars, step: number): number =>
  Math.max(Number(difference[`logits_train${step}`] ?? 0), difference.losses[step - 1] ?? 0);

const lossAndGradient = (logits: tf.Tensor2D, labels: Tensor1D) => {
  const { loss, dLogits } = softmaxCrossEntropy(logits, labels);
  return { loss: loss.dataSync()[0] as number, dLogits };
};

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [ab, aa, bb] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const [x, y] = [a[at] as number, b[at] as number];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 && bb === 0 ? 1 : ab / Math.sqrt(aa * bb);
};

/** Biases in front of a norm have no gradient but rounding noise, which the original's Adam turns into steps. */
const isNoise = ({ parameters, spec }: Net, name: string): boolean => {
  const biases = parameters.filter(({ role }) => role === "bias").map((each) => each.name);
  return (
    chainSpecOf(spec, spec.arch).order === "conv-norm-activation" ? biases : biases.slice(0, 1)
  ).includes(name);
};

const gradientsOnDisk = (net: Net): Map<string, ArrayLike<number>> =>
  new Map(
    net.parameters.map(({ name, layout, gradient }) => {
      if (!gradient) throw new Error(`${name} has no gradient`);
      const values = gradient.dataSync();
      return [
        name,
        layout === "vector"
          ? values
          : toOihw(values, gradient.shape as [number, number, number, number]),
      ];
    }),
  );

/** A state after some steps: tensors as well determined as their noise says. */
const checkState = (
  { net, tensors, findings }: { net: Net; tensors: Tensors; findings: Findings },
  prefix: string,
  steps: number,
  noisy: Readonly<Record<string, number>>,
  lr: number,
): void => {
  const actual = netState(net);
  for (const [name, expected] of below(tensors, `${prefix}.`)) {
    const ours = actual.get(name);
    if (!ours) {
      findings.claim(`${prefix}: ${name} is missing`, false);
    } else if (name.endsWith("num_batches_tracked")) {
      findings.claim(
        `${prefix}.${name}`,
        String(int64Values(ours, name)) === String(int64Values(expected, name)),
      );
    } else if (isNoise(net, name) || (steps > 1 && name.endsWith("running_mean"))) {
      // Left out: see above; the running mean follows the biases.
    } else if (name in noisy) {
      const [a, b] = [float32Values(ours, name), float32Values(expected, name)];
      const off = a.filter(
        (value, at) =>
          !(
            Math.abs(value - (b[at] as number)) <=
            TOLERANCE * Math.max(1, Math.abs(b[at] as number))
          ),
      );
      findings.claim(
        `${prefix}.${name}: ${off.length} of ${a.length} values differ`,
        off.length <= Math.max(1, UNDETERMINED_SHARE * a.length),
      );
      findings.claim(
        `${prefix}.${name}: steps too large`,
        a.every((value, at) => Math.abs(value - (b[at] as number)) <= 2 * lr * steps + TOLERANCE),
      );
    } else {
      findings.close(
        `${prefix}.${name}`,
        float32Values(ours, name),
        float32Values(expected, name),
        TOLERANCE,
      );
    }
  }
};

/** The gradients of step 1, but those of the biases, which are noise. */
const checkGradients = (
  { net, tensors, findings }: { net: Net; tensors: Tensors; findings: Findings },
  isLoose: boolean,
): void => {
  const expectedGradients = below(tensors, "grad.");
  for (const [parameter, gradient] of gradientsOnDisk(net)) {
    const expected = expectedGradients.get(parameter);
    findings.claim(`grad.${parameter} is not in the fixture`, expected !== undefined);
    if (!expected || isNoise(net, parameter)) continue;
    const values = float32Values(expected, parameter);
    if (!isLoose) {
      findings.close(`grad.${parameter}`, gradient, values, TOLERANCE);
    } else if (parameter.endsWith("weight")) {
      const alike = cosine(gradient, values);
      findings.claim(`grad.${parameter}: cosine ${alike}`, alike > LOOSE.cosine);
    }
  }
};

/**
 * Adam's first step is lr g / (|g| + 1e-8): where a gradient is nearly 0 (of biases in front of a norm
 * always), its rounding noise decides a step of up to lr. So step 1 is taken with the original's own
 * gradients, once ours have been held to them, and what follows is well determined.
 */
const takeGivenGradients = (net: Net, tensors: Tensors): void => {
  for (const parameter of net.parameters) {
    const given = below(tensors, "grad.").get(parameter.name);
    if (!given || !parameter.gradient) continue;
    const shape = parameter.gradient.shape;
    const values = float32Values(given, parameter.name);
    parameter.gradient.dispose();
    parameter.gradient = tf.tensor(
      parameter.layout === "vector"
        ? values
        : fromOihw(values, shape as [number, number, number, number]),
      shape,
    );
  }
};

/** What a check of a net's case works with. */
interface Subject {
  readonly net: Net;
  readonly tensors: Tensors;
  readonly findings: Findings;
  readonly scalars: Scalars;
  readonly images: tf.Tensor4D;
  readonly labels: Tensor1D;
}

const checkEvaluation = ({ net, tensors, findings, scalars, images, labels }: Subject): void => {
  net.applyConstraints();
  const logits = net.infer(images);
  findings.close("logits_eval", logits.dataSync(), valuesOf(tensors, "logits_eval"), TOLERANCE);
  const { loss } = lossAndGradient(logits, labels);
  findings.close("loss_eval", [loss], [scalars.loss_eval], TOLERANCE);
  const hits = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), "int32")).dataSync()[0];
  findings.claim(
    `accuracy ${hits}/${labels.size} is not in "${scalars.printed_by_test}"`,
    scalars.printed_by_test.includes(`Accuracy: ${hits}/${labels.size} `),
  );
};

/** The quantized weights of step 1, where the fixture gives them. */
const checkQuantizedWeights = ({ net, tensors, findings }: Subject): void => {
  for (const [name, expected] of below(tensors, "wq.")) {
    const latent = net.state.find((state) => state.name === name)?.value;
    if (!latent) throw new Error(`the net has no ${name}`);
    const quantized = quantizeWeights(latent, net.spec.quantization.weights, null);
    const values = toOihw(quantized.dataSync(), latent.shape as [number, number, number, number]);
    findings.close(`wq.${name}`, values, float32Values(expected, name), 1e-6);
  }
};

/** One training step, up to and with the state behind it. */
const checkStep = (
  subject: Subject,
  adam: Optimizer,
  options: OptimizerStep,
  step: number,
): void => {
  const { net, tensors, findings, scalars, images, labels } = subject;
  const isLoose = scalars.boundary_sensitive;
  net.applyConstraints();
  if (step === 1) checkQuantizedWeights(subject);
  const { logits, backward } = net.train(images);
  const { loss, dLogits } = lossAndGradient(logits, labels);
  if (noiseOf(scalars, step) <= NOISE_LIMIT || isLoose) {
    const name = `logits_train${step}`;
    const expectedLoss = scalars.losses_train[step - 1] as number;
    const [logitsTolerance, lossTolerance] = isLoose
      ? [LOOSE.logits, LOOSE.loss]
      : [TOLERANCE, TOLERANCE];
    findings.close(name, logits.dataSync(), valuesOf(tensors, name), logitsTolerance);
    findings.close(`loss ${step}`, [loss], [expectedLoss], lossTolerance);
  }
  backward(dLogits);
  const givesGradients = below(tensors, "grad.").size > 0;
  if (step === 1 && givesGradients) {
    checkGradients(subject, isLoose);
    takeGivenGradients(net, tensors);
  }
  adam.step(options);
  if (isLoose || noiseOf(scalars, step) > NOISE_LIMIT) return;
  const noisy = step === 1 ? scalars.float64_difference.after1 : scalars.float64_difference.after3;
  if (step !== 2) {
    checkState(subject, `after${step}`, step, noisy?.["above_1e-5"] ?? {}, options.learningRate);
  }
};

/** The steps behind the first, whose values hang on how the first one was rounded. */
const LATE = /^(logits_train[2-9]|loss [2-9]|after[2-9])/;

/** A net's logits and losses in evaluation and over its training steps, its gradients and its states. */
const checkOnce = async (input: CheckInput): Promise<void> => {
  const { fixture, tensors, findings } = input;
  const scalars = scalarsSchema.parse(fixture.scalars);
  const { lr, weight_decay: weightDecay } = optimizerParams.parse(fixture.params);
  const images = toNhwc(tensors, "images");
  const labels = tf.tensor1d(int64Values(stored(tensors, "labels"), "labels"), "int32") as Tensor1D;
  const evaluated = await netOfModelCase(input);
  checkEvaluation({ net: evaluated, tensors, findings, scalars, images, labels });
  evaluated.dispose();

  const net = await netOfModelCase(input);
  const adam = createAdam(net.parameters);
  const subject = { net, tensors, findings, scalars, images, labels };
  for (let step = 1; step <= scalars.losses_train.length; step++) {
    checkStep(subject, adam, { learningRate: lr, weightDecay }, step);
  }
  adam.dispose();
  net.dispose();
};

/**
 * Evaluation, the first step and its gradients must agree as they are. In a later step a sign or a
 * rounding boundary may lie within the rounding noise of the steps before, so that two orders of summing
 * take different sides: such a case must then agree with the reference implementations, which sum in another order.
 */
export const checkModel: Check = async (input) => {
  const native = createFindings();
  await checkOnce({ ...input, findings: native });
  const isLate = native.problems.every((problem) => LATE.test(problem));
  if (native.problems.length === 0 || !isLate) {
    input.findings.problems.push(...native.problems);
    return;
  }
  usePlainOps(true);
  try {
    await checkOnce(input);
  } finally {
    usePlainOps(false);
  }
};
