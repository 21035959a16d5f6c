import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Headers that are not C++'s own but come with every compiler. */
const COMPILER_HEADERS = new Set([
  "arm_neon.h",
  "cpuid.h",
  "immintrin.h",
  "strings.h",
  "wasm_simd128.h",
]);

const INCLUDE = /^\s*#\s*include\b\s*(.*)$/;
/** C++'s own headers have neither a folder nor an extension. */
const STANDARD_HEADER = /^[a-z_]+$/;

const isAllowed = (target, includer, files) => {
  const own = /^"([^"]+)"/.exec(target)?.[1];
  if (own !== undefined) return files.includes(posix.join(posix.dirname(includer), own));
  const system = /^<([^>]+)>/.exec(target)?.[1];
  return system !== undefined && (STANDARD_HEADER.test(system) || COMPILER_HEADERS.has(system));
};

/**
 * The includes in a folder of kernels that reach outside it, as "file:line: include": kernels include one another and
 * the compiler's headers alone, so that they can be compiled for any host.
 */
export const includesThatLeave = (folder) => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(h|inc|cc)$/.test(name),
  );
  return files.sort().flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .flatMap((line, at) => {
        const target = INCLUDE.exec(line)?.[1];
        return target === undefined || isAllowed(target, name, files)
          ? []
          : [`${name}:${at + 1}: #include ${target}`];
      }),
  );
};
