import type { Machine } from "../machine.js";
import { runProgram } from "../run-program.js";

/** How to call a C++ compiler: the program and the arguments that always come first. */
export interface Compiler {
  readonly command: string;
  readonly firstArguments: readonly string[];
  /** The first line of its `--version`. */
  readonly version: string;
}

const CANDIDATES = ["g++", "c++", "clang++"];

const tryCompiler = async (call: string, env: Machine["env"]): Promise<Compiler | undefined> => {
  const [command, ...firstArguments] = call.trim().split(/\s+/);
  if (!command) return undefined;
  const { code, stdout } = await runProgram(command, [...firstArguments, "--version"], { env });
  if (code !== 0) return undefined;
  return { command, firstArguments, version: stdout.split("\n")[0] ?? "" };
};

/** The C++ compiler: `$CXX` and no other if it is set, otherwise g++, c++ or clang++. */
export const findCompiler = async (env: Machine["env"]): Promise<Compiler | undefined> => {
  const calls = env.CXX?.trim() ? [env.CXX] : CANDIDATES;
  for (const call of calls) {
    const compiler = await tryCompiler(call, env);
    if (compiler) return compiler;
  }
  return undefined;
};
