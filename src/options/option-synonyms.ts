/**
 * What options are called elsewhere (PyTorch, Keras, other command lines), in lower case without dashes and
 * underscores; of the names behind it those count that a command has.
 */
export const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  activationbits: ["Abits"],
  amount: ["percent"],
  architecture: ["arch"],
  batch: ["train-batch-size"],
  batchsize: ["train-batch-size", "eval-batch-size"],
  bits: ["Wbits", "Abits"],
  bs: ["train-batch-size", "eval-batch-size"],
  checkpoint: ["refine", "model", "file"],
  dataroot: ["data"],
  datadir: ["data"],
  datapath: ["data"],
  decay: ["wd"],
  file: ["refine", "model", "files"],
  files: ["file", "refine", "model"],
  evalbatch: ["eval-batch-size"],
  from: ["refine", "model", "file", "files"],
  imgsize: ["image-size"],
  input: ["refine", "model", "file", "files"],
  iterations: ["max-steps"],
  l1: ["s"],
  l2: ["wd"],
  lambda: ["s"],
  learningrate: ["lr"],
  limit: ["train-limit", "test-limit"],
  logs: ["log-dir"],
  lrdecay: ["lr-drops"],
  lrschedule: ["lr-drops"],
  lrstep: ["lr-drops"],
  lrsteps: ["lr-drops"],
  maxepochs: ["epochs"],
  milestones: ["lr-drops"],
  model: ["refine", "file", "files", "arch"],
  models: ["files"],
  nepochs: ["epochs"],
  net: ["arch", "model", "file", "files"],
  nets: ["files"],
  network: ["arch", "model", "file", "files"],
  numepochs: ["epochs"],
  out: ["save"],
  outfile: ["save"],
  output: ["save"],
  page: ["html"],
  pretrained: ["refine", "model"],
  pruningratio: ["percent"],
  randomseed: ["seed"],
  rate: ["lr"],
  ratio: ["percent", "gap"],
  refine: ["model", "file", "files"],
  samples: ["train-limit", "test-limit"],
  scheduler: ["lr-drops"],
  source: ["refine", "model", "file"],
  sparsity: ["s", "percent"],
  start: ["refine", "model", "file"],
  steps: ["max-steps"],
  tensorboard: ["log-dir"],
  testbatchsize: ["eval-batch-size"],
  threads: ["num-workers"],
  validation: ["val-split"],
  validationsplit: ["val-split"],
  valbatchsize: ["eval-batch-size"],
  weightbits: ["Wbits"],
  weightdecay: ["wd"],
  weights: ["refine", "model", "file"],
  widthmult: ["width"],
  widthmultiplier: ["width"],
  workers: ["num-workers"],
};

/** What others have an option for and qprune has not. */
const WITHOUT_OPTION: Readonly<Record<string, string>> = {
  betas: "Training is by Adam with its usual betas.",
  cuda: "Everything is computed on the CPU.",
  device: "Everything is computed on the CPU.",
  dropout: "Dropout belongs to the layers of an own net: docs/own-nets.md.",
  gpu: "Everything is computed on the CPU.",
  momentum: "Training is by Adam; lr and wd are its options.",
  optim: "Training is by Adam; lr and wd are its options.",
  optimizer: "Training is by Adam; lr and wd are its options.",
};

const plainName = (name: string): string => name.toLowerCase().replace(/[-_]/g, "");

/**
 * The options that a name from elsewhere stands for, as far as they are among `names`: `learningRate` is `lr`. Names are
 * without dashes in front.
 */
export const meantOptions = (name: string, names: readonly string[]): string[] => {
  const plain = plainName(name);
  const meant = Object.hasOwn(SYNONYMS, plain) ? (SYNONYMS[plain] ?? []) : [];
  return meant.filter((each) => names.includes(each));
};

/** Why there is no option of a name that other programs have, as a sentence; undefined for any other name. */
export const whyNoOption = (name: string): string | undefined => {
  const plain = plainName(name);
  return Object.hasOwn(WITHOUT_OPTION, plain) ? WITHOUT_OPTION[plain] : undefined;
};
