#!/usr/bin/env node
require("./check-node.js");
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const cli = join(__dirname, "..", "dist", "cli");
const load = (name) => import(pathToFileURL(join(cli, name)).href);

const CLOSED_PIPE = 141;

/** `--version`, `--help` and `COMMAND --help` alone are answered without loading what commands need. */
const isVersion = (argv) => argv.length === 1 && ["-v", "--version"].includes(argv[0]);
const isHelp = (argv) =>
  argv.length <= 2 &&
  ["-h", "--help"].includes(argv[argv.length - 1]) &&
  (argv.length === 1 || /^[a-z][a-z-]*$/.test(argv[0]));

/** Whether help was printed; else the program itself answers. */
const hasPrintedHelp = async (argv) => {
  const { printQuickHelp } = await load("quick-help.js");
  try {
    await printQuickHelp(argv);
    return true;
  } catch (error) {
    return error.code === "commander.helpDisplayed" || error.code === "commander.help";
  }
};

const start = async () => {
  const argv = process.argv.slice(2);
  if (!existsSync(join(cli, "main.js"))) {
    console.error(
      "qprune is not built yet.\n  hint: run `npm run quickstart` (or `npm ci && npm run build`) in its folder first.",
    );
    process.exitCode = 1;
    return;
  }
  if (isVersion(argv) || isHelp(argv)) {
    // A closed pipe (qprune --help | head) ends the process as its signal would.
    process.stdout.once("error", ({ code }) => process.exit(code === "EPIPE" ? CLOSED_PIPE : 1));
  }
  if (isVersion(argv)) {
    console.log(require("../package.json").version);
    return;
  }
  if (isHelp(argv) && (await hasPrintedHelp(argv))) return;
  process.stdout.removeAllListeners("error");
  const { main } = await load("main.js");
  await main(argv);
};

start();
