import { readdirSync, readFileSync, writeFileSync } from "node:fs";
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

/**
 * What the bundle of `predict` loads from dist: when it needs them, other commands, for hints, and TensorFlow; and the class of errors,
 * of which there is one.
 */
const isLoadedFromDist = (path) =>
  (dirname(path) === COMMANDS && path !== join(COMMANDS, "predict.js")) ||
  path.endsWith("engine-classifier.js") ||
  path === join(DIST, "base", "errors.js");

/** The path from the bundle to a file of dist, as imports write it. */
const fromBundle = (path) => relative(dirname(BUNDLE), path).replaceAll("\\", "/");

/** Files find others by their own addresses, which in the bundle are still those of dist. */
const keepPlaces = {
  name: "keep-places",
  enforce: "pre",
  async resolveId(source, importer, { isEntry }) {
    if (isEntry || !source.startsWith(".")) return null;
    const path = join(dirname(importer), source);
    if (!isLoadedFromDist(path)) return null;
    const from = fromBundle(path);
    return { id: from.startsWith(".") ? from : `./${from}`, external: "absolute" };
  },
  transform(code, id) {
    // Identifiers have forward slashes on all systems.
    const path = join(id);
    if (!path.startsWith(DIST) || !code.includes("import.meta.url")) return null;
    const own = `new URL(${JSON.stringify(fromBundle(path))}, bundleAddress).href`;
    return code.replaceAll("import.meta.url", own);
  },
};

/** The folders of the packages that modules belong to. */
const packagesOf = (moduleIds) =>
  new Set(
    moduleIds.flatMap((id) => {
      const [folder] = /^.*node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? [];
      return folder ? [folder] : [];
    }),
  );

/** The licenses of packages, as text. */
const licensesOf = (folders) =>
  [...folders]
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      if (!file) throw new Error(`${name} has no license file`);
      return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
    })
    .join("\n---\n\n");

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
  const [{ code, moduleIds }] = output.output;
  writeFileSync(BUNDLE, code);
  writeFileSync(BUNDLE.replace(/js$/, "licenses.txt"), licensesOf(packagesOf(moduleIds)));
};
