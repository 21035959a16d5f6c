import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadModel } from "../../dist/runtime.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { packedBytes } from "./files.js";
import { type EvaluatedNet, evaluatedNet } from "./nets.js";

const NET = {
  arch: "nin",
  width: 0.125,
  side: 32,
  images: 2,
  quantization: {
    weights: { kind: "dorefa", bits: 4 },
    activations: { kind: "dorefa", bits: 4, scale: 0.1 },
  },
} as const;

const folder = mkdtempSync(join(tmpdir(), "qprune-runtime-"));
const path = join(folder, "net.safetensors");
let net: EvaluatedNet;
let bytes: Uint8Array;
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  net = evaluatedNet(NET);
  bytes = packedBytes(net);
  writeFileSync(path, bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a model of the bundle", () => {
  test("is loaded from bytes, a path or an address, and computes the engine's logits", async () => {
    const address = `data:application/octet-stream;base64,${Buffer.from(bytes).toString("base64")}`;
    for (const source of [bytes, bytes.slice().buffer, path, address]) {
      const model = await loadModel(source);
      const logits = model.predict(net.images).flatMap((prediction) => [...prediction.logits]);
      const largest = Math.max(...net.logits.map(Math.abs));
      // Float32 sums of the first and last layers in another order.
      for (const [at, logit] of logits.entries())
        expect(Math.abs(logit - (net.logits[at] as number))).toBeLessThan(1e-5 * largest);
      model.dispose();
    }
  });

  test("describes itself", async () => {
    const { info } = await loadModel(bytes);
    expect(info.classes).toEqual("0 1 2 3 4 5 6 7 8 9".split(" "));
    expect(info.input).toEqual({ height: 32, width: 32, channels: 3 });
    expect(info.bytes).toBe(bytes.length);
    expect(info.kernels.kind).toBe("wasm");
    expect(info.layers.filter(({ arithmetic }) => arithmetic === "integers")).toHaveLength(7);
    expect(info.memoryBytes).toBeGreaterThan(info.arenaBytes);
  });

  test("computes the same next to another model, and after 1,000 predictions without growth", async () => {
    const [one, other] = [await loadModel(bytes), await loadModel(bytes)];
    const image = net.images.subarray(0, 32 * 32 * 3);
    const [first] = one.predict(image);
    other.predict(net.images);
    const before = process.memoryUsage().rss;
    for (let at = 0; at < 1000; at++) one.predict(image);
    const [last] = one.predict(image);
    expect(last?.logits).toEqual(first?.logits);
    // 1,000 images of growth would be 12 MB and more; the collector may keep some garbage.
    expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
  });

  test("refuses images that do not fit, and predictions after it was disposed", async () => {
    const model = await loadModel(bytes);
    expect(() => model.predict(new Float32Array(7))).toThrow("7 numbers are no images of 32x32x3.");
    expect(() => model.predict({ width: 4, height: 4, data: new Uint8Array(3) })).toThrow(
      "An image of 4x4 pixels has 3 bytes of colors.",
    );
    model.dispose();
    expect(() => model.predict(net.images)).toThrow("The model was disposed");
  });

  test("is refused if its file is missing, truncated, hostile, or not packed", async () => {
    await expect(loadModel(join(folder, "none"))).rejects.toThrow("cannot be read");
    await expect(loadModel(bytes.subarray(0, bytes.length - 3))).rejects.toThrow(
      "is not a valid safetensors file",
    );
    const header = Buffer.from(bytes).toString("latin1");
    const changed = (from: string, to: string): Uint8Array => {
      expect(header).toContain(from);
      return new Uint8Array(Buffer.from(header.replace(from, to), "latin1"));
    };
    await expect(loadModel(changed('\\"filters\\":24', '\\"filters\\":99'))).rejects.toThrow();
    await expect(
      loadModel(changed('\\"kind\\":\\"conv\\"', '\\"kind\\":\\"cons\\"')),
    ).rejects.toThrow("there is no kind");
    await expect(loadModel(changed('"packing"', '"nothing"'))).rejects.toThrow("is no packed file");
  });
});

test("the bundle has at most 150 KB, 60 KB compressed", () => {
  const file = readFileSync(fileURLToPath(new URL("../../dist/runtime.js", import.meta.url)));
  expect(file.length).toBeLessThan(150_000);
  expect(gzipSync(file, { level: 9 }).length).toBeLessThan(60_000);
});
