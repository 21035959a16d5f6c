/**
 * Names that other programs (PyTorch, Keras, other command lines) give to options, in lower case without dashes and
 * underscores, and what qprune calls them. Not every command has all of the listed options.
 */
export const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  accumgraditer: ["accumulate"],
  accumulationsteps: ["accumulate"],
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
  clipgrad: ["grad-clip"],
  clipgradnorm: ["grad-clip"],
  clipnorm: ["grad-clip"],
  datapath: ["data"],
  decay: ["wd"],
  file: ["refine", "model", "files"],
  files: ["file", "refine", "model"],
  emadecay: ["ema"],
  evalbatch: ["eval-batch-size"],
  from: ["refine", "model", "file", "files"],
  gradientaccumulationsteps: ["accumulate"],
  gradientclipval: ["grad-clip"],
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
  lrschedule: ["schedule", "lr-drops"],
  lrscheduler: ["schedule"],
  lrstep: ["lr-drops"],
  lrsteps: ["lr-drops"],
  maxepochs: ["epochs"],
  milestones: ["lr-drops"],
  maxgradnorm: ["grad-clip"],
  maxlr: ["lr"],
  model: ["refine", "file", "files", "arch"],
  modelema: ["ema"],
  models: ["files"],
  nepochs: ["epochs"],
  net: ["arch", "model", "file", "files"],
  nesterov: ["optimizer"],
  nets: ["files"],
  network: ["arch", "model", "file", "files"],
  numepochs: ["epochs"],
  opt: ["optimizer"],
  optim: ["optimizer"],
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
  sched: ["schedule"],
  scheduler: ["schedule"],
  smoothing: ["label-smoothing"],
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
  warmupepochs: ["warmup"],
  weightbits: ["Wbits"],
  weightdecay: ["wd"],
  weights: ["refine", "model", "file"],
  widthmult: ["width"],
  widthmultiplier: ["width"],
  workers: ["num-workers"],
};

/** Options of other programs that qprune does not have, and why. */
const WITHOUT_OPTION: Readonly<Record<string, string>> = {
  betas: "Adam has its default betas.",
  cuda: "qprune computes on the CPU only.",
  device: "qprune computes on the CPU only.",
  dropout: "Dropout is set in the layers of a custom architecture: docs/custom-architectures.md.",
  gpu: "qprune computes on the CPU only.",
};

const plainName = (name: string): string => name.toLowerCase().replace(/[-_]/g, "");

/**
 * The options among `names` that another program's name stands for: `learningRate` is `lr`. All names are without
 * leading dashes.
 */
export const meantOptions = (name: string, names: readonly string[]): string[] => {
  const plain = plainName(name);
  const meant = Object.hasOwn(SYNONYMS, plain) ? (SYNONYMS[plain] ?? []) : [];
  return meant.filter((each) => names.includes(each));
};

/** Why qprune does not have an option of other programs, as a sentence; undefined for any other name. */
export const whyNoOption = (name: string): string | undefined => {
  const plain = plainName(name);
  return Object.hasOwn(WITHOUT_OPTION, plain) ? WITHOUT_OPTION[plain] : undefined;
};
