// The SSD of @vladmandic/face-api on a MobileNetV1 (Liu et al. 2016, Howard et al. 2017), for images of 512x512. The package has its
// weights, without a description of the net.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createGraphBuilder } from "../../../dist/graph/graph-builder.js";
import { cornersOf, overlapOf } from "./polygons.js";

export const SIDE = 512;
const MODEL = "node_modules/@vladmandic/face-api/model/ssd_mobilenetv1_model";
const EPSILON = 0.001;

/** The tensors of a manifest of TensorFlow.js, { shape, values } by name; those of uint8 have a scale and a minimum. */
const readTensors = (modules) => {
  const [{ weights }] = JSON.parse(
    readFileSync(join(modules, `${MODEL}-weights_manifest.json`), "utf8"),
  );
  const bytes = readFileSync(join(modules, `${MODEL}.bin`));
  const tensors = new Map();
  let at = 0;
  for (const { name, shape, quantization } of weights) {
    const size = shape.reduce((product, each) => product * each, 1);
    const values = quantization
      ? Float32Array.from(
          bytes.subarray(at, at + size),
          (code) => code * quantization.scale + quantization.min,
        )
      : Float32Array.from({ length: size }, (_, index) => bytes.readFloatLE(at + 4 * index));
    tensors.set(name, { shape, values });
    at += quantization ? size : 4 * size;
  }
  if (at !== bytes.length) throw new Error(`${MODEL}.bin has ${bytes.length} bytes, not ${at}.`);
  return tensors;
};

/** A kernel [h, w, in, out] as [out, in, h, w]; a depthwise one [h, w, in, 1] as [in, 1, h, w]. */
const kernelOf = ({ shape: [height, width, inputs, outputs], values }) => {
  const isDepthwise = outputs === 1;
  const [filters, perFilter] = isDepthwise ? [inputs, 1] : [outputs, inputs];
  const area = height * width;
  const result = new Float32Array(values.length);
  for (let place = 0; place < area; place++)
    for (let input = 0; input < inputs; input++)
      for (let output = 0; output < outputs; output++) {
        const to = isDepthwise ? input : output * inputs + input;
        result[to * area + place] = values[(place * inputs + input) * outputs + output];
      }
  return { kind: "float", shape: [filters, perFilter, height, width], values: result };
};

const vector = ({ values }) => ({ kind: "float", shape: [values.length], values });

/** Depthwise layers that move by two pixels. */
const STRIDED = new Set([2, 4, 6, 12]);
const LAYERS = 13;
/** The layer whose maps are the finest level. */
const FINEST = 11;

/** The net as a graph with its weights, and the anchors [top, left, bottom, right] of all its boxes. */
export const readSsd = (modules) => {
  const tensors = readTensors(modules);
  const weights = new Map();
  const g = createGraphBuilder({ height: SIDE, width: SIDE, channels: 3 });

  const conv = (name, x, [kernel, bias], { stride = 1, groups = 1 } = {}) => {
    const value = kernelOf(tensors.get(kernel));
    weights.set(`${name}.weight`, value);
    if (bias) weights.set(`${name}.bias`, vector(tensors.get(bias)));
    const [filters, , height] = value.shape;
    return g.conv(name, x, {
      filters,
      kernel: height,
      stride,
      padding: "same",
      groups,
      hasBias: bias !== undefined,
    });
  };
  const pointwise = (name, x, prefix, stride = 1) =>
    g.relu6(conv(name, x, [`${prefix}/weights`, `${prefix}/convolution_bn_offset`], { stride }));
  const depthwise = (name, x, prefix, stride) => {
    const [, , channels] = tensors.get(`${prefix}/depthwise_weights`).shape;
    const y = conv(name, x, [`${prefix}/depthwise_weights`], { stride, groups: channels });
    const norm = {
      weight: "gamma",
      bias: "beta",
      running_mean: "moving_mean",
      running_var: "moving_variance",
    };
    for (const [own, theirs] of Object.entries(norm))
      weights.set(`${name}_norm.${own}`, vector(tensors.get(`${prefix}/BatchNorm/${theirs}`)));
    return g.relu6(g.batchNorm(`${name}_norm`, y, { epsilon: EPSILON }));
  };

  let x = pointwise("conv0", g.images, "MobilenetV1/Conv2d_0_pointwise", 2);
  const levels = [];
  for (let layer = 1; layer <= LAYERS; layer++) {
    const prefix = `MobilenetV1/Conv2d_${layer}`;
    x = depthwise(`depthwise${layer}`, x, `${prefix}_depthwise`, STRIDED.has(layer) ? 2 : 1);
    x = pointwise(`pointwise${layer}`, x, `${prefix}_pointwise`);
    if (layer === FINEST) levels.push(x);
  }
  levels.push(x);
  for (const [small, large] of [
    [0, 1],
    [2, 3],
    [4, 5],
    [6, 7],
  ]) {
    x = pointwise(`extra${small}`, x, `Prediction/Conv2d_${small}_pointwise`);
    x = pointwise(`extra${large}`, x, `Prediction/Conv2d_${large}_pointwise`, 2);
    levels.push(x);
  }
  const heads = levels.map((level, index) => {
    const head = (name, predictor) => {
      const prefix = `Prediction/BoxPredictor_${index}/${predictor}`;
      return conv(`${name}${index}`, level, [`${prefix}/weights`, `${prefix}/biases`]);
    };
    const [boxes, classes] = [
      head("boxes", "BoxEncodingPredictor"),
      head("classes", "ClassPredictor"),
    ];
    const [height, width, channels] = g.shapeOf(boxes);
    return {
      area: height * width,
      anchors: channels / 4,
      value: g.flatten(g.concat(boxes, classes)),
    };
  });
  const graph = g.finish(g.concat(...heads.map(({ value }) => value)));
  const shapes = heads.map(({ area, anchors }) => ({ area, anchors }));
  return {
    model: { graph, weights },
    levels: shapes,
    anchors: tensors.get("Output/extra_dim").values,
  };
};

const CLASSES = 3;
const LEAST_SCORE = 0.5;
const MOST_OVERLAP = 0.5;

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** The box that four numbers describe with an anchor. */
const decoded = ([y, x, h, w], [top, left, bottom, right]) => {
  const [height, width] = [bottom - top, right - left];
  const [middle, center] = [
    top + height / 2 + (y / 10) * height,
    left + width / 2 + (x / 10) * width,
  ];
  const [down, across] = [(Math.exp(h / 5) * height) / 2, (Math.exp(w / 5) * width) / 2];
  const sides = {
    left: center - across,
    top: middle - down,
    right: center + across,
    bottom: middle + down,
  };
  return cornersOf(
    Object.fromEntries(Object.entries(sides).map(([side, at]) => [side, at * SIDE])),
  );
};

/** Boxes { corners, score } of faces, from the output of the net, without those that overlap a better one by more than a half. */
export const faceBoxes = (values, { levels, anchors }) => {
  const found = [];
  let [from, box] = [0, 0];
  for (const { area, anchors: count } of levels) {
    for (let place = 0; place < area; place++)
      for (let anchor = 0; anchor < count; anchor++, box++) {
        const channel = (at) => values[from + at * area + place];
        const score = sigmoid(channel(4 * count + CLASSES * anchor + 1));
        if (score <= LEAST_SCORE) continue;
        const numbers = [0, 1, 2, 3].map((at) => channel(4 * anchor + at));
        found.push({ corners: decoded(numbers, anchors.subarray(4 * box, 4 * box + 4)), score });
      }
    from += (4 + CLASSES) * count * area;
  }
  const kept = [];
  for (const each of found.sort((a, b) => b.score - a.score))
    if (kept.every(({ corners }) => overlapOf(corners, each.corners) <= MOST_OVERLAP))
      kept.push(each);
  return kept;
};
