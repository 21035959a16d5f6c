import { QpruneError } from "../../base/errors.js";
import { type Compiler, findCompiler } from "./compile/find-compiler.js";
import type { Machine } from "./machine.js";
import { machineObstacle } from "./machine-obstacle.js";
import { findPip, type Pip } from "./wheel/find-pip.js";
import { type Wheel, wheelFor } from "./wheel/wheels.js";

/** The source of a wheel: a file, or the pip that downloads it. */
export type WheelSource = { readonly wheelFile: string } | { readonly pip: Pip };

/** The wheel for the machine. @throws QpruneError if TensorFlow has none that runs on it. */
export const requireWheel = (machine: Machine): Wheel => {
  const { platform, arch } = machine;
  const wheel = wheelFor(platform, arch);
  const obstacle = wheel ? machineObstacle(machine) : "TensorFlow publishes no libraries for it";
  if (wheel && obstacle === undefined) return wheel;
  throw new QpruneError(
    `There is no native engine for this ${platform}-${arch} machine: ${obstacle}.`,
    { code: "engine-unavailable", hint: "Use the JavaScript engine." },
  );
};

/** Finds a C++ compiler. @throws QpruneError if none runs. */
export const requireCompiler = async ({ env, platform }: Machine): Promise<Compiler> => {
  const compiler = await findCompiler(env);
  if (compiler) return compiler;
  const named = env.CXX?.trim();
  const reason = named ? `CXX=${named} does not run` : "none of g++, c++ and clang++ runs";
  const install =
    platform === "darwin"
      ? "xcode-select --install"
      : "apt-get install g++ (or your system's equivalent)";
  throw new QpruneError(`The native engine needs a C++ compiler: ${reason}.`, {
    hint: `Install one: ${install}.`,
  });
};

/** The given wheel, otherwise a pip to download it with. @throws QpruneError if there is neither. */
export const requireWheelSource = async (
  env: Machine["env"],
  wheelFile: string | undefined,
): Promise<WheelSource> => {
  if (wheelFile !== undefined) return { wheelFile };
  const pip = await findPip(env);
  if (pip) return { pip };
  throw new QpruneError("The native engine needs Python 3 with pip to download TensorFlow.", {
    code: "pip-missing",
    hint: "Install it: apt-get install python3-pip (or your system's equivalent), or set up the engine from a downloaded wheel.",
  });
};
