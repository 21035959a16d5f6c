#!/usr/bin/env node
require("./check-node.js");
const { existsSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const cli = join(__dirname, "..", "dist", "cli");
const load = (name) => import(pathToFileURL(join(cli, name)).href);

/** `predict` for packed nets in one file, which loads faster than what all commands need. */
const QUICK_PREDICT = "predict-bundle.js";

const QUICK = ["-v", "--version", "-h", "--help"];

/** `--version`, `--help` and `COMMAND --help` alone are answered without loading what commands need. */
const isQuick = (argv) =>
  argv.length === 1
    ? QUICK.includes(argv[0])
    : argv.length === 2 && /^[a-z][a-z-]*$/.test(argv[0]) && /^(-h|--help)$/.test(argv[1]);

const start = async () => {
  const argv = process.argv.slice(2);
  if (!existsSync(join(cli, "main.js"))) {
    console.error(
      "qprune is not built yet.\n  hint: run `npm run quickstart` (or `npm ci && npm run build`) in its folder first.",
    );
    process.exitCode = 1;
    return;
  }
  if (isQuick(argv)) {
    const { answerQuickly } = await load("quick-help.js");
    if (await answerQuickly(argv)) return;
  }
  if (argv[0] === "predict" && existsSync(join(cli, QUICK_PREDICT))) {
    const { predictQuickly } = await load(QUICK_PREDICT);
    if (await predictQuickly(argv)) return;
  }
  const { main } = await load("main.js");
  await main(argv);
};

// From Node.js 22 on, the compiled modules are kept for the next start.
enableCompileCache?.();
start();
