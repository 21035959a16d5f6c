import { z } from "zod";
import { decayParts } from "../../models/parameter.js";
import { optimizerKinds } from "../../models/trainer-state.js";
import { scheduleKinds } from "../../train/schedules/create-schedule.js";
import { flag } from "../flag.js";
import { fileName } from "../values/file-name.js";
import { hintList } from "../values/hint-list.js";
import {
  nonNegativeNumber,
  positiveNumber,
  shareFromZero,
  unitNumber,
  wholeNumber,
} from "../values/numbers.js";
import { wordList } from "../values/word-list.js";

const GROUP = "Optimization";

/** How weights are optimized. The defaults are those of the reference scripts. */
export const optimizationOptions = {
  optimizer: flag(z.enum(optimizerKinds).default("adam"), {
    flag: "--optimizer <name>",
    effect: "result",
    description: "adam, adamw (decoupled weight decay), or sgd (Nesterov momentum)",
    group: GROUP,
  }),
  momentum: flag(shareFromZero().default(0.9), {
    flag: "--momentum <factor>",
    effect: "result",
    description: "momentum of --optimizer sgd",
    group: GROUP,
  }),
  wd_skip: flag(wordList(decayParts).optional(), {
    flag: "--wd-skip <parts>",
    effect: "result",
    description:
      "leave parts out of the weight decay: norms, biases, latent (weights quantized to two or three values), as in norms,biases",
    group: GROUP,
  }),
  schedule: flag(z.enum(scheduleKinds).default("steps"), {
    flag: "--schedule <name>",
    effect: "result",
    description:
      "learning rate over the run: steps (times 0.1 at the drops), cosine, one-cycle or constant; cosine and one-cycle change it in every step",
    group: GROUP,
  }),
  warmup: flag(nonNegativeNumber().default(0), {
    flag: "--warmup <epochs>",
    effect: "result",
    description:
      "raise the learning rate from 0 over the first epochs, step by step; for one-cycle, the epochs until the highest rate (0: 30% of the run)",
    group: GROUP,
  }),
  label_smoothing: flag(shareFromZero().default(0), {
    flag: "--label-smoothing <share>",
    effect: "result",
    description: "fraction of a label's probability that is spread over all classes, as in 0.1",
    group: GROUP,
  }),
  ema: flag(shareFromZero().optional(), {
    flag: "--ema <decay>",
    effect: "result",
    description:
      "test and save moving averages of the weights with this decay per step, as in 0.999",
    group: GROUP,
  }),
  grad_clip: flag(positiveNumber().optional(), {
    flag: "--grad-clip <norm>",
    effect: "result",
    description: "if the norm of a step's gradients exceeds this, scale them down to it",
    group: GROUP,
  }),
  accumulate: flag(wholeNumber(1).default(1), {
    flag: "--accumulate <n>",
    effect: "result",
    description: "number of batches per step; their gradients are averaged",
    group: GROUP,
  }),
  teacher: flag(fileName("a file").optional(), {
    flag: "--teacher <file>",
    effect: "result",
    description:
      "also learn from the outputs of a trained net, of any architecture, with the same classes (distillation)",
    group: GROUP,
  }),
  temperature: flag(positiveNumber().default(4), {
    flag: "--temperature <t>",
    effect: "result",
    description: "for --teacher: divide logits by this before the softmax",
    group: GROUP,
  }),
  distill_weight: flag(unitNumber().default(0.7), {
    flag: "--distill-weight <share>",
    effect: "result",
    description: "for --teacher: its weight in the loss; the labels have the rest",
    group: GROUP,
  }),
  hints: flag(hintList().optional(), {
    flag: "--hints <layers>",
    effect: "result",
    description:
      "for --teacher: also learn where its layers or modules are active, as in layer1,layer2, or layer1=features.3 if it has other names",
    group: GROUP,
  }),
  hint_weight: flag(positiveNumber().default(1), {
    flag: "--hint-weight <factor>",
    effect: "result",
    description: "for --hints: factor of their part of the loss",
    group: GROUP,
  }),
};
