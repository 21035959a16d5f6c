import type { Machine } from "../machine.js";
import { runProgram } from "../run-program.js";

/** A Python that has pip. */
export interface Pip {
  readonly python: string;
  /** The output of `pip --version`. */
  readonly version: string;
}

/** The first of python3 and python that has pip; undefined if neither has. */
export const findPip = async (env: Machine["env"]): Promise<Pip | undefined> => {
  for (const python of ["python3", "python"]) {
    const { code, stdout } = await runProgram(python, ["-m", "pip", "--version"], { env });
    if (code === 0) return { python, version: stdout.trim() };
  }
  return undefined;
};
