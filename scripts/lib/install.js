import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun, mustRunNode, root } from "./run.js";
import { say } from "./say.js";

const readLock = (path) => {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8")).packages;
  } catch {
    return undefined;
  }
};

/**
 * Whether node_modules has what package-lock.json asks for. npm records what it installed; only
 * optional packages, such as those for other systems, may be missing.
 */
export const isInstalled = () => {
  const wanted = readLock("package-lock.json");
  const installed = readLock("node_modules/.package-lock.json");
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (path === "") return true;
    const found = installed[path];
    return found ? found.version === version : Boolean(optional || devOptional);
  });
};

/** Installs the dependencies exactly as locked, if they are missing or differ. */
export const ensureInstalled = async () => {
  if (isInstalled()) return;
  say("Installing dependencies (npm ci)");
  // The npm that runs this script, else the one on the PATH.
  const npm = process.env.npm_execpath;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  await (npm?.endsWith(".js") ? mustRunNode([npm, ...args]) : mustRun("npm", args));
};
