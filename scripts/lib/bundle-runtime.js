import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.js";

const DIST = join(root, "dist");

/** Bundles files of dist into one, and returns its text. */
const bundled = async (entry, options) => {
  // Scripts that install the packages load this file before they do.
  const { build } = await import("vite");
  const refused = [];
  const [output] = await build({
    configFile: false,
    logLevel: "silent",
    root,
    resolve: { alias: { zod: join(DIST, "runtime", "bundle", "small-zod.js") } },
    build: {
      write: false,
      target: "es2022",
      minify: true,
      lib: { entry: join(DIST, "runtime", entry), ...options },
      rolldownOptions: {
        onwarn: ({ message }) => refused.push(message),
        // Vite leaves the spaces in libraries.
        output: { minify: { compress: true, mangle: true, codegen: true } },
      },
    },
  });
  if (refused.length > 0) throw new Error(refused.join("\n"));
  return output.output[0].code;
};

/** The program of the runtime's workers, a script. */
export const bundleWorker = () =>
  bundled(join("wasm", "threads", "worker.js"), { formats: ["iife"], name: "worker" });

/**
 * Bundles dist/runtime into one file without dependencies, for Node.js and pages. src/runtime/bundle/small-zod.ts replaces zod, and
 * a module of Node.js would be an error.
 */
export const bundleRuntime = async () => {
  writeFileSync(join(DIST, "runtime.js"), await bundled("index.js", { formats: ["es"] }));
};
