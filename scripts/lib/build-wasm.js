import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleWorker } from "./bundle-runtime.js";
import { mustRunNode, root } from "./run.js";

const SOURCES = join(root, "src", "runtime", "wasm", "assembly");
const OUTPUT = join(root, "dist", "runtime", "wasm");

/** Each module with the instructions that it may use. */
const MODULES = { kernels: "simd", relaxed: "simd,relaxed-simd" };

/** Of a memory that a module accepts, in pages of 64 KB; a maximum has to be named so that threads can share it. */
const PAGES = { least: 1, most: 65536 };

/** The first bytes of the memory stay free (src/runtime/kernels/layout.ts). */
const MEMORY_BASE = 1024;

const compile = async (name, features) => {
  const file = join(OUTPUT, `${name}.wasm`);
  await mustRunNode([
    "node_modules/assemblyscript/bin/asc.js",
    join(SOURCES, `${name}.ts`),
    ...[
      "-O3",
      "--shrinkLevel",
      "1",
      "--converge",
      "--noAssert",
      "--importMemory",
      "--runtime",
      "stub",
      "--enable",
      features,
    ],
    ...["--uncheckedBehavior", "always", "--memoryBase", String(MEMORY_BASE), "-o", file],
    ...["--initialMemory", String(PAGES.least), "--maximumMemory", String(PAGES.most)],
  ]);
  const bytes = readFileSync(file);
  rmSync(file);
  return bytes.toString("base64");
};

/** Compiles the kernels of src/runtime/wasm/assembly and writes them, and the program of workers, as text in place of binaries.js of dist. */
export const buildWasm = async () => {
  const binaries = {};
  for (const [name, features] of Object.entries(MODULES))
    binaries[name] = await compile(name, features);
  binaries.worker = await bundleWorker();
  writeFileSync(
    join(OUTPUT, "binaries.js"),
    `export const BINARIES = ${JSON.stringify(binaries)};\n`,
  );
};
