import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { includesThatLeave } from "../../../scripts/lib/native-includes.js";
import { findCompiler } from "../../../src/engine/setup/compile/find-compiler.js";
import { nativeSourceFolder } from "../../../src/engine/setup/compile/native-sources.js";
import { runProgram } from "../../../src/engine/setup/run-program.js";

const kernels = join(nativeSourceFolder(), "kernels");
const filesOfKernels = (extension: string): string[] =>
  readdirSync(kernels, { recursive: true, encoding: "utf8" })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => path.endsWith(extension));
const folder = mkdtempSync(join(tmpdir(), "qprune-kernels-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const compiler = await findCompiler(process.env);
const NO_COMPILER = "this machine has no C++ compiler";
/** Seconds alone; a machine that is busy with other tests takes far longer. */
const COMPILING = { timeout: 300_000 };

/** The compiler's errors, with no include path but its own and what `args` add; empty where it succeeds. */
const compile = async (...args: string[]): Promise<string> => {
  if (!compiler) throw new Error(NO_COMPILER);
  // CPATH and CPLUS_INCLUDE_PATH would add include paths of the user's.
  const env = { ...process.env, CPATH: undefined, CPLUS_INCLUDE_PATH: undefined };
  const all = [...compiler.firstArguments, "-std=c++17", "-w", ...args];
  const { code, stderr } = await runProgram(compiler.command, all, { env });
  return code === 0 ? "" : stderr || `exit code ${code}`;
};

test(
  "every header of the kernels compiles on its own without TensorFlow",
  COMPILING,
  async ({ skip }) => {
    if (!compiler) return skip(NO_COMPILER);
    const headers = filesOfKernels(".h");
    expect(headers).toContain("integer-conv/integer-conv.h");
    // Each in a translation unit of its own, in one call.
    const units = headers.map((name) => {
      const unit = join(folder, `${name.replaceAll("/", "-")}.cc`);
      writeFileSync(unit, `#include "${name}"\n`);
      return unit;
    });
    expect(await compile("-fsyntax-only", `-I${kernels}`, ...units)).toBe("");
  },
);

test(
  "a program without TensorFlow convolves, normalizes, pools and takes a step of Adam",
  COMPILING,
  async ({ skip }) => {
    if (!compiler) return skip(NO_COMPILER);
    const program = join(folder, "stand-alone");
    const sources = filesOfKernels(".cc");
    const main = fileURLToPath(new URL("stand-alone.cc", import.meta.url));
    const paths = [main, ...sources.map((name) => join(kernels, name))];
    expect(await compile("-O0", "-pthread", `-I${kernels}`, ...paths, "-o", program)).toBe("");
    const { code, stdout } = await runProgram(program, [], { env: process.env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  },
);

test("the kernels include one another and the compiler's headers alone", () => {
  expect(includesThatLeave(kernels)).toEqual([]);
});

test.each([
  '#include "tensorflow/c/kernels.h"',
  "#include <tensorflow/c/ops.h>",
  '#include "../tensorflow/op-kit.h"',
  "#  include <napi.h>",
  "#include SOME_MACRO",
])("%s is refused in a kernel", (line) => {
  const own = mkdtempSync(join(folder, "own-"));
  writeFileSync(join(own, "a.h"), '#include <cstdint>\n#include "a.cc"\n');
  writeFileSync(join(own, "a.cc"), `#include "a.h"\n${line}\n`);
  expect(includesThatLeave(own)).toEqual([`a.cc:2: ${line.replace("#  ", "#")}`]);
});
