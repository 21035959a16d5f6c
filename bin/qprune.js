#!/usr/bin/env node
require("./check-node.js");
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const main = join(__dirname, "..", "dist", "cli", "main.js");

const start = async () => {
  if (!existsSync(main)) {
    console.error(
      "qprune is not built yet.\n  hint: run `npm run quickstart` (or `npm ci && npm run build`) in its folder first.",
    );
    process.exitCode = 1;
    return;
  }
  const { main: run } = await import(pathToFileURL(main).href);
  await run(process.argv.slice(2));
};

start();
