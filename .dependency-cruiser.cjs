/** The import rules between folders; docs/architecture.md shows them as a table. */
const MAY_IMPORT = {
  base: [],
  boxes: [],
  tensor: ["base"],
  files: ["base"],
  formats: ["base", "files"],
  engine: ["base", "tensor", "files"],
  graph: ["base", "boxes"],
  integer: ["base", "graph"],
  quant: ["base", "tensor", "graph"],
  data: ["base", "boxes", "files", "formats"],
  models: ["base", "boxes", "tensor", "graph", "quant"],
  train: ["base", "boxes", "tensor", "data", "graph", "models"],
  import: ["base", "formats", "graph"],
  checkpoint: ["base", "tensor", "files", "formats", "graph", "quant", "data", "models", "import"],
  prune: ["base", "graph", "quant", "models", "passes"],
  passes: ["base", "tensor", "graph", "quant", "models"],
  bnmerge: ["base", "tensor", "graph", "quant", "models", "passes"],
  ptq: ["base", "tensor", "graph", "quant", "models", "passes", "bnmerge"],
  export: [
    "base",
    "tensor",
    "formats",
    "graph",
    "integer",
    "quant",
    "models",
    "passes",
    "import",
    "checkpoint",
  ],
  analysis: ["base", "graph", "quant", "data", "models", "passes", "checkpoint"],
  runtime: [
    "base",
    "boxes",
    "tensor",
    "formats",
    "graph",
    "integer",
    "quant",
    "data",
    "models",
    "checkpoint",
  ],
  report: ["base", "boxes", "formats"],
  options: ["base", "graph", "quant", "data", "models", "prune", "ptq", "train"],
};
MAY_IMPORT.workflows = Object.keys(MAY_IMPORT);
MAY_IMPORT.recipes = Object.keys(MAY_IMPORT);

const folderRules = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...allowed].join("|")})/` },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "tensorflow-only-in-tensor-and-engine",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(tensor|engine)/" },
      to: { path: "@tensorflow/" },
    },
    {
      name: "commander-only-in-cli",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "node_modules/(commander|cli-progress)/" },
    },
    {
      name: "sharp-only-in-data",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/data/" },
      to: { path: "node_modules/sharp/" },
    },
    {
      name: "chalk-only-in-cli-and-report",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(cli|report)/" },
      to: { path: "node_modules/chalk/" },
    },
    {
      name: "browser-safe-folders-use-no-node-module",
      severity: "error",
      from: {
        path: "^src/(base|boxes|tensor|graph|quant|models|passes|prune|bnmerge|export/tfjs|runtime)/",
      },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "file-system-at-the-edges",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: "^src/(files|formats|engine|data|checkpoint|export|workflows|recipes|report|cli)/",
      },
      to: { path: "^(node:)?fs(/promises)?$" },
    },
    {
      name: "quantizers-on-numbers-load-no-tensorflow",
      severity: "error",
      from: { path: "^src/quant/numbers/" },
      to: { path: "^src/(tensor|quant/tensors)/" },
    },
    {
      name: "the-runtime-loads-no-tensorflow",
      severity: "error",
      from: { path: "^src/runtime/" },
      to: { path: "^src/(tensor/(tf|op|tidy)|checkpoint/tensors/.*|checkpoint/manifest)\\.ts$" },
    },
    {
      name: "data-workers-load-no-tensorflow",
      severity: "error",
      from: { path: "^src/data/" },
      to: { path: "^src/tensor/tf\\.ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
