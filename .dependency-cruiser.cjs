/** The import rules between folders; docs/architecture.md shows them as a table. */
const MAY_IMPORT = {
  core: [],
  files: ["core"],
  formats: ["core"],
  engine: ["core", "files"],
  quant: ["core"],
  data: ["core", "files", "formats"],
  models: ["core", "quant"],
  train: ["core", "data", "models"],
  checkpoint: ["core", "files", "formats", "data", "models"],
  prune: ["core", "models"],
  bnmerge: ["core", "quant", "models"],
  export: ["core", "quant", "models", "checkpoint"],
  measure: ["core", "quant", "data", "models", "checkpoint"],
  report: ["core", "formats"],
  config: ["core", "quant", "data", "models", "prune"],
};
MAY_IMPORT.pipeline = Object.keys(MAY_IMPORT);

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
      name: "tensorflow-only-in-core-and-engine",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(core|engine)/" },
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
      from: { path: "^src/(core|quant|models|prune|bnmerge|export/tfjs)/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "file-system-at-the-edges",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: "^src/(files|engine|data|checkpoint|export|pipeline|report|cli)/",
      },
      to: { path: "^(node:)?fs(/promises)?$" },
    },
    {
      name: "data-workers-load-no-tensorflow",
      severity: "error",
      from: { path: "^src/data/" },
      to: { path: "^src/core/tf\\.ts$" },
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
