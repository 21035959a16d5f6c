#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(fileURLToPath(main))) {
  const { main: run } = await import(main.href);
  await run(process.argv.slice(2));
} else {
  console.error(
    "qprune is not built yet.\n  hint: run `npm run quickstart` (or `npm ci && npm run build`) in its folder first.",
  );
  process.exitCode = 1;
}
