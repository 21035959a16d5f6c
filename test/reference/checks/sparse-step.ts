import { z } from "zod";
import { float32Values, int64Values } from "../../../src/formats/safetensors/tensor-values.js";
import type { Net } from "../../../src/models/net.js";
import type { Parameter } from "../../../src/models/parameter.js";
import { softmaxCrossEntropy } from "../../../src/tensor/ops/softmax-cross-entropy.js";
import { type Tensor1D, tf } from "../../../src/tensor/tf.js";
import { createAdam } from "../../../src/train/optimizers/adam.js";
import { addSparsityGradient } from "../../../src/train/sparsity.js";
import { trainingStep } from "../../../src/train/training-step.js";
import { below, stored, toNhwc, valuesOf } from "../compare.js";
import type { Check, CheckInput } from "./check.js";
import { netOfState } from "./model-case.js";

/** The original is within 1e-6 of its float64 twin here; two orders of summing leave room. */
const TOLERANCE = 1e-4;

const paramsSchema = z.looseObject({ s: z.number(), lr: z.number(), weight_decay: z.number() });
const scalarsSchema = z.looseObject({ losses_train: z.tuple([z.number()]) });

const gammasOf = ({ parameters }: Net): Parameter[] =>
  parameters.filter(({ role }) => role === "gamma");

/** Compares a value of each gamma, and that there are as many of them as the case has. */
const compareGammas = (
  { tensors, findings }: CheckInput,
  net: Net,
  prefix: string,
  tensorOf: (gamma: Parameter) => tf.Tensor | null,
): void => {
  const expected = below(tensors, `${prefix}.`);
  const gammas = gammasOf(net);
  findings.claim(`${prefix}: other gammas`, gammas.length === expected.size);
  for (const gamma of gammas) {
    const values = float32Values(stored(expected, gamma.name), gamma.name);
    const ours = tensorOf(gamma)?.dataSync() ?? [];
    findings.close(`${prefix}.${gamma.name}`, ours, values, TOLERANCE);
  }
};

/** The gradients of the gammas before and after the sparsity's part. */
const checkGradients = (input: CheckInput, images: tf.Tensor4D, labels: Tensor1D): void => {
  const { fixture, tensors, findings } = input;
  const net = netOfState(fixture, tensors);
  const { logits, backward } = net.train(images);
  findings.close("logits_train1", logits.dataSync(), valuesOf(tensors, "logits_train1"), TOLERANCE);
  backward(softmaxCrossEntropy(logits, labels).dLogits);
  compareGammas(input, net, "gamma_grad_before", ({ gradient }) => gradient);
  addSparsityGradient(net.parameters, paramsSchema.parse(fixture.params).s);
  compareGammas(input, net, "gamma_grad_after", ({ gradient }) => gradient);
  net.dispose();
};

/** One step of sparse training: the product's own training step against the original's. */
export const checkSparseStep: Check = (input) => {
  const { fixture, tensors, findings } = input;
  const { s, lr, weight_decay: weightDecay } = paramsSchema.parse(fixture.params);
  const images = toNhwc(tensors, "images");
  const labels = int64Values(stored(tensors, "labels"), "labels");
  checkGradients(input, images, tf.tensor1d(labels, "int32") as Tensor1D);

  const net = netOfState(fixture, tensors);
  const adam = createAdam(net.parameters);
  const batch = {
    images: images.dataSync() as Float32Array,
    labels: Int32Array.from(labels),
    count: labels.length,
  };
  const options = { learningRate: lr, weightDecay, sparsityLambda: s };
  const loss = trainingStep(net, adam, batch, options);
  findings.close("loss", [loss], scalarsSchema.parse(fixture.scalars).losses_train, TOLERANCE);
  compareGammas(input, net, "gamma_after", ({ value }) => value);
  adam.dispose();
  net.dispose();
};
