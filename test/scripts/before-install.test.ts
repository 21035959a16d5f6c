import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const IMPORT = /^(?:import|export)\s[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"/gms;

/** What a script imports when it starts, with the files that it imports, as [importer, name]. */
const importsOf = (file: string, seen = new Set<string>()): [string, string][] => {
  if (seen.has(file)) return [];
  seen.add(file);
  const names = [...readFileSync(file, "utf8").matchAll(IMPORT)].map(
    ([, from, bare]) => (from ?? bare) as string,
  );
  return names.flatMap((name): [string, string][] => [
    [file, name],
    ...(name.startsWith(".") ? importsOf(join(dirname(file), name), seen) : []),
  ]);
};

test.each(["quickstart", "test", "build", "docs"])(
  "npm run %s starts in a clone without packages, which it installs",
  (script) => {
    const imports = importsOf(join("scripts", `${script}.js`));
    expect(imports.length).toBeGreaterThan(3);
    expect(imports.filter(([, name]) => !/^(?:\.|node:)/.test(name))).toEqual([]);
  },
);
