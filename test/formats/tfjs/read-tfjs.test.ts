import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { withOpenFile } from "../../../src/files/reading/with-open-file.js";
import { isTfjs, readOpenTfjs } from "../../../src/formats/tfjs/read-tfjs.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-tfjs-read-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "model.json");
writeFileSync(join(folder, "w.bin"), Buffer.from(Float32Array.of(1, 2, 3, 4).buffer));

const weight = { name: "w", shape: [4], dtype: "float32" };

const read = (json: unknown) => {
  writeFileSync(path, typeof json === "string" ? json : JSON.stringify(json));
  return withOpenFile(path, readOpenTfjs);
};

const model = (paths: readonly string[], weights: readonly unknown[]) => ({
  modelTopology: { node: [] },
  weightsManifest: [{ paths, weights }],
});

test("tensors are read from the files next to model.json", async () => {
  const { weights } = await read(model(["w.bin"], [weight]));
  expect(weights.get("w")).toMatchObject({ dtype: "F32", shape: [4] });
});

describe("a model.json is refused", () => {
  test.each(["../w.bin", "/etc/passwd", "a/w.bin", "..", "", "C:w.bin", "a\\b", "a\0b"])(
    "with weights in %j",
    async (name) => {
      await expect(read(model([name], [weight]))).rejects.toThrow(
        /which is not the name of a file next to it/,
      );
    },
  );

  test("with weights in a link or a missing file, or twice in one", async () => {
    symlinkSync("w.bin", join(folder, "link.bin"));
    await expect(read(model(["link.bin"], [weight]))).rejects.toThrow(/which is a link/);
    await expect(read(model(["other.bin"], [weight]))).rejects.toThrow(
      /no such file|cannot be read/,
    );
    await expect(read(model(["w.bin", "w.bin"], [weight]))).rejects.toThrow(/"w.bin" twice/);
  });

  test.each([
    ["more bytes than its files have", { ...weight, shape: [5] }, /needs 20 bytes .* have 16/],
    ["an impossible shape", { ...weight, shape: [2 ** 40, 2 ** 40] }, /impossible shape/],
    ["far more than any file", { ...weight, shape: [2 ** 31] }, /impossible shape|needs/],
    ["negative sides", { ...weight, shape: [-1] }, /wrong content/],
    ["texts as numbers", { ...weight, dtype: "string" }, /wrong content/],
    [
      "a scale of text",
      { ...weight, quantization: { dtype: "uint8", scale: "x", min: 0 } },
      /wrong/,
    ],
  ])("with %s", async (_, changed, message) => {
    await expect(read(model(["w.bin"], [changed]))).rejects.toThrow(message);
  });

  test("that is cut off or deeply nested", async () => {
    const whole = JSON.stringify(model(["w.bin"], [weight]));
    await expect(read(whole.slice(0, -3))).rejects.toThrow(/is not complete JSON/);
    const deep = `{"modelTopology":${"[".repeat(200_000)}${"]".repeat(200_000)},"weightsManifest":[]}`;
    await expect(read(deep)).rejects.toThrow(/is not a valid TensorFlow.js model/);
  });
});

test("a file is recognized by its first keys, and other JSON is not", () => {
  const isOne = (text: string) => isTfjs(Buffer.from(text));
  expect(isOne('{"format": "graph-model", "generatedBy": "2.4"')).toBe(true);
  expect(isOne('{"modelTopology":{"class_name":"Sequential"')).toBe(true);
  expect(isOne('{"images": 1}')).toBe(false);
});
