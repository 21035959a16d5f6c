import { writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
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

const COMMANDS = join(DIST, "cli", "commands");
const BUNDLE = join(DIST, "cli", "predict-bundle.js");

/** What the bundle of `predict` loads from dist when it needs it: other commands, for hints, and TensorFlow. */
const isLoadedLater = (path) =>
  (dirname(path) === COMMANDS && path !== join(COMMANDS, "predict.js")) ||
  path.endsWith("engine-classifier.js");

/** Files find others by their own addresses, which in the bundle are still those of dist. */
const keepPlaces = {
  name: "keep-places",
  enforce: "pre",
  async resolveId(source, importer, { isEntry }) {
    if (isEntry || !source.startsWith(".")) return null;
    const path = join(dirname(importer), source);
    if (!isLoadedLater(path)) return null;
    return { id: `./${relative(dirname(BUNDLE), path)}`, external: "absolute" };
  },
  transform(code, id) {
    if (!id.startsWith(DIST) || !code.includes("import.meta.url")) return null;
    const own = `new URL(${JSON.stringify(relative(dirname(BUNDLE), id))}, bundleAddress).href`;
    return code.replaceAll("import.meta.url", own);
  },
};

/**
 * Bundles `qprune predict` for packed nets with the libraries that it uses into one file, dist/cli/predict-bundle.js, which Node.js
 * loads in a fraction of the time of all files.
 */
export const bundlePredict = async () => {
  const { build } = await import("vite");
  const [output] = [
    await build({
      configFile: false,
      logLevel: "silent",
      root,
      plugins: [keepPlaces],
      ssr: { noExternal: true, external: ["sharp"] },
      build: {
        ssr: join(DIST, "cli", "predicting", "quick-predict.js"),
        write: false,
        target: "node20",
        minify: true,
        rolldownOptions: {
          output: { codeSplitting: false, banner: "const bundleAddress = import.meta.url;" },
        },
      },
    }),
  ].flat();
  writeFileSync(BUNDLE, output.output[0].code);
};
