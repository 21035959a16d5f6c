import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError } from "../../../base/errors.js";
import type { CachePaths } from "../cache/cache-folder.js";
import { fillFolder } from "../cache/staging-folder.js";
import type { Machine } from "../machine.js";
import { runProgram } from "../run-program.js";
import { TFJS_VERSION } from "../versions.js";

const FLAGS = [
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--no-package-lock",
  "--omit=dev",
  // Bin links are symbolic links, which some file systems do not support.
  "--no-bin-links",
];

/** npm's environment. npm needs a home folder for its logs and its cache. */
const npmEnvironment = ({ env, homeFolder }: Machine, folder: string): Machine["env"] => {
  // Called through npx or an npm script, npm passes its own settings on, such as --global.
  const inherited = /^npm_(config_(global|prefix|local_prefix)|package|lifecycle|command)/;
  const own = Object.fromEntries(Object.entries(env).filter(([key]) => !inherited.test(key)));
  return homeFolder === undefined ? { ...own, HOME: folder } : own;
};

/** Installs tfjs-node into the cache with npm, without its own install script, which fails on many machines. */
export const installTfjsNode = async (
  machine: Machine,
  paths: CachePaths,
  signal?: AbortSignal,
): Promise<void> => {
  await fillFolder(paths.root, paths.tfjsNode, async (folder) => {
    await writeFile(join(folder, "package.json"), '{"private":true}\n');
    const name = `@tensorflow/tfjs-node@${TFJS_VERSION}`;
    const { code, stderr, wasFound } = await runProgram("npm", ["install", ...FLAGS, name], {
      cwd: folder,
      env: npmEnvironment(machine, folder),
      signal,
    });
    signal?.throwIfAborted();
    if (code === 0) return;
    const reason = wasFound ? stderr.trim().split("\n").at(-1) : "npm is not on the PATH";
    throw new QpruneError(`${name} could not be installed: ${reason}`, {
      hint: `Check the network, or install it next to qprune: npm install --ignore-scripts ${name}`,
    });
  });
};
