import { z } from "zod";
import { MAX_IMAGE_SIDE } from "../../graph/limits.js";
import { sequenceNames } from "../../models/chains/chain-spec.js";
import { flag } from "../flag.js";
import { archChoice } from "../values/arch-choice.js";
import { fileName } from "../values/file-name.js";
import { keyOption } from "../values/key-option.js";
import { channelDeviations, channelMeans, wholeNumber } from "../values/numbers.js";

/** Arguments and options of `qprune convert`. */
export const convertOptions = z.object({
  in: fileName(),
  out: fileName(),
  sequence: flag(z.enum(sequenceNames).optional(), {
    flag: "--sequence <name>",
    effect: "source",
    description:
      "state-dict prefix of the net in OUT: dorefa (wqaq in the reference scripts) or tnn_bin (their wbwtab and prune); default: as in IN",
  }),
  arch: flag(archChoice().optional(), {
    flag: "--arch <file.json>",
    effect: "another run",
    description: "description of the net, for a state dict of a custom architecture",
  }),
  key: keyOption(),
  until: flag(z.string().min(1, { error: "expected the name of a node" }).optional(), {
    flag: "--until <node>",
    effect: "source",
    description:
      "last node to read from a model of ONNX, TensorFlow or Keras, such as the end of a backbone",
  }),
  image_size: flag(wholeNumber(8, MAX_IMAGE_SIDE).optional(), {
    flag: "--image-size <pixels>",
    effect: "source",
    description:
      "side length of the images, for a model of ONNX, TensorFlow or Keras that does not specify it",
  }),
  mean: flag(channelMeans().optional(), {
    flag: "--mean <r,g,b>",
    effect: "source",
    description:
      "mean of the images' channels, for a model of ONNX, TensorFlow or Keras: one number or three, of pixels from 0 to 1 (default: ImageNet's)",
  }),
  std: flag(channelDeviations().optional(), {
    flag: "--std <r,g,b>",
    effect: "source",
    description:
      "their standard deviation, by which images are divided after the mean was subtracted; needs --mean",
  }),
  force: flag(z.boolean().default(false), {
    flag: "--force",
    effect: "only this call",
    description: "replace OUT if it exists",
  }),
  json: flag(z.boolean().default(false), {
    flag: "--json",
    effect: "only this call",
    description: "print the result as one JSON object on stdout",
  }),
});
