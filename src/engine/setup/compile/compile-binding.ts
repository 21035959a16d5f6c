import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { QpruneError } from "../../../base/errors.js";
import type { Machine } from "../machine.js";
import { runProgram } from "../run-program.js";
import type { Wheel } from "../wheel/wheels.js";
import { COMPILE_FLAGS } from "./compile-flags.js";
import type { Compiler } from "./find-compiler.js";
import { nodeApiHeaders } from "./find-tfjs-node.js";
import { nativeSourceFiles } from "./native-sources.js";

export interface Compilation {
  readonly compiler: Compiler;
  readonly machine: Machine;
  readonly wheel: Wheel;
  /** The folder with TensorFlow's libraries and headers; the output's folder has to be next to it. */
  readonly librariesFolder: string;
  readonly tfjsNodeFolder: string;
  readonly outputFile: string;
  readonly signal?: AbortSignal | undefined;
}

/** The binding looks for the libraries next to its own folder, so that the cache can be moved. */
const linkFlags = (platform: string, librariesFolder: string): string[] => {
  const name = basename(librariesFolder);
  return platform === "darwin"
    ? ["-undefined", "dynamic_lookup", `-Wl,-rpath,@loader_path/../${name}`]
    : [`-Wl,-rpath,$ORIGIN/../${name}`];
};

/** The compiler's arguments that build one library of tfjs-node's binding and the package's own ops. */
export const compileArguments = async (compilation: Compilation): Promise<string[]> => {
  const { machine, wheel, librariesFolder, tfjsNodeFolder, outputFile } = compilation;
  const bindingFolder = join(tfjsNodeFolder, "binding");
  const bindingSources = (await readdir(bindingFolder)).filter((name) => name.endsWith(".cc"));
  return [
    ...COMPILE_FLAGS,
    ...[join(librariesFolder, "include"), nodeApiHeaders(), tfjsNodeFolder].map((f) => `-I${f}`),
    ...bindingSources.map((name) => join(bindingFolder, name)),
    ...nativeSourceFiles(),
    ...wheel.libraries.map((name) => join(librariesFolder, name)),
    ...linkFlags(machine.platform, librariesFolder),
    "-o",
    outputFile,
  ];
};

/** Compiles the binding. @throws QpruneError with the compiler's first error. */
export const compileBinding = async (compilation: Compilation): Promise<void> => {
  const { compiler, machine, signal } = compilation;
  const args = [...compiler.firstArguments, ...(await compileArguments(compilation))];
  const { code, stderr } = await runProgram(compiler.command, args, { env: machine.env, signal });
  signal?.throwIfAborted();
  if (code === 0) return;
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const reason = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? `exit code ${code}`;
  throw new QpruneError(`${compiler.command} could not compile the engine: ${reason}`, {
    hint: `The compiler has to support C++17 (g++ 8, clang 7 or later); this is ${compiler.version}. Set CXX to use another.`,
  });
};
