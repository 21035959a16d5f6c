import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRunNode, root } from "./run.js";

const SOURCES = join(root, "src", "runtime", "wasm", "assembly");
const OUTPUT = join(root, "dist", "runtime", "wasm");

/** Each module with the instructions that it may use. */
const MODULES = { kernels: "simd", relaxed: "simd,relaxed-simd" };

/** The first bytes of the memory stay free (src/runtime/wasm/layout.ts). */
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
  ]);
  const bytes = readFileSync(file);
  rmSync(file);
  return bytes.toString("base64");
};

/** Compiles the kernels of src/runtime/wasm/assembly and writes them as text in place of binaries.js of dist. */
export const buildWasm = async () => {
  const binaries = {};
  for (const [name, features] of Object.entries(MODULES))
    binaries[name] = await compile(name, features);
  writeFileSync(
    join(OUTPUT, "binaries.js"),
    `export const BINARIES = ${JSON.stringify(binaries)};\n`,
  );
};
