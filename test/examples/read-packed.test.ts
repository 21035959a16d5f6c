import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { packModel, writePackedCheckpoint } from "../../src/checkpoint/packed/pack-model.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { exportNet, smallSpec } from "../checkpoint/packed/export-nets.js";
import { quantizedWeights } from "../models/quantizations.js";

const reader = fileURLToPath(new URL("../../examples/read_packed.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-read-packed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = (...args: string[]): string =>
  execFileSync("python3", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

const hasNumpy = ((): boolean => {
  try {
    python("-c", "import numpy");
    return true;
  } catch {
    return false;
  }
})();

/** Prints the tensors that the reader returns for each file, by name, as base64 of their bytes. */
const DUMP = `
import base64, json, runpy, sys
read = runpy.run_path(sys.argv[1])["read_packed"]
for path in sys.argv[2:]:
    tensors, _ = read(path)
    text = {name: base64.b64encode(value.tobytes()).decode() for name, value in tensors.items()}
    print(json.dumps(text))
`;

const mixes = quantizedWeights.flatMap((weights) =>
  (["baked", "merged"] as const).map((form) => ({ form, weights })),
);

// NumPy is not part of the project; where it is missing, nothing else needs it.
test.skipIf(!hasNumpy)(
  "the Python reader makes the same float32 of packed files as the loader, to the bit",
  async () => {
    await loadEngine({ engine: "js", notify: () => {} });
    const paths = mixes.map((_, at) => join(folder, `${at}.safetensors`));
    for (const [at, { form, weights }] of mixes.entries()) {
      const net = exportNet(smallSpec({ weights }), form);
      const edges = form === "baked" ? "int8" : "float32";
      const manifest = { ...net, isFinished: true, version: "test" };
      await writePackedCheckpoint(paths[at] as string, packModel(net.model, edges), manifest);
    }
    const lines = python("-c", DUMP, reader, ...paths)
      .trimEnd()
      .split("\n");
    expect(lines).toHaveLength(mixes.length);
    for (const [at, line] of lines.entries()) {
      const read = JSON.parse(line) as Record<string, string>;
      const { state } = await loadCheckpoint(paths[at] as string);
      for (const [name, { dtype, data }] of state) {
        if (dtype !== "F32" || name.endsWith("_scale")) continue;
        const what = `${JSON.stringify(mixes[at])} ${name}`;
        expect(read[name], what).toBe(Buffer.from(data).toString("base64"));
      }
    }
  },
);
