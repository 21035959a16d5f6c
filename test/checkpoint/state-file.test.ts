import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { encodeNetFile } from "../../src/checkpoint/net-files/encode-net-file.js";
import { openNetFile } from "../../src/checkpoint/net-files/open-net-file.js";
import { encodeSafetensors } from "../../src/formats/safetensors/encode-safetensors.js";
import { readSafetensors } from "../../src/formats/safetensors/read-safetensors.js";
import { float32Tensor } from "../../src/formats/safetensors/tensor-values.js";
import { encodePth } from "../../src/formats/torch/encode-pth.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-state-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../reference/fixtures/${name}`, import.meta.url));

describe("conversion from one format to the other and back", () => {
  test.each(["model-init-wqaq-nin", "model-init-float-nin_gc"])(
    "%s keeps every bit",
    async (name) => {
      const { tensors } = await readSafetensors(fixture(`${name}.safetensors`));
      const state = new Map(
        [...tensors].flatMap(([key, tensor]) =>
          key.startsWith("state.") ? [[key.slice("state.".length), tensor] as const] : [],
        ),
      );
      const first = Buffer.concat(encodeSafetensors(state, {}));
      writeFileSync(at("net.pth"), Buffer.concat(encodePth({ tensors: state, metadata: {} })));
      const { format, ...file } = await openNetFile(at("net.pth"));
      expect(format).toBe("pth");
      expect(Buffer.concat(encodeNetFile("safetensors", file)).equals(first)).toBe(true);
      expect((await loadCheckpoint(at("net.pth"))).net.arch).toMatch(/^nin/);
    },
  );

  test("keeps a best accuracy of the reference scripts", async () => {
    const file = await openNetFile(fixture("pth/refine-nin-legacy.pth"));
    expect(file.bestAccuracy).toBe(88);
    writeFileSync(at("a.safetensors"), Buffer.concat(encodeNetFile("safetensors", file)));
    const safetensors = await openNetFile(at("a.safetensors"));
    expect([safetensors.format, safetensors.bestAccuracy]).toEqual(["safetensors", 88]);
    writeFileSync(at("a.pth"), Buffer.concat(encodeNetFile("pth", safetensors)));
    const back = await openNetFile(at("a.pth"));
    expect([back.bestAccuracy, back.metadata]).toEqual([88, {}]);
  });
});

describe("a file of a net is recognized by its bytes", () => {
  test("whatever its name is", async () => {
    writeFileSync(at("x.safetensors"), readFileSync(fixture("pth/pruned-nin.pth")));
    expect((await loadCheckpoint(at("x.safetensors"))).net.chain?.widths).toEqual([
      12, 20, 4, 13, 11, 8, 6, 13,
    ]);
    writeFileSync(at("x.pth"), readFileSync(fixture("model-init-wqaq-nin.safetensors")));
    expect((await openNetFile(at("x.pth"))).format).toBe("safetensors");
  });

  test("even if a safetensors file begins like a pickle", async () => {
    const tensors = new Map([["a", float32Tensor([1], Float32Array.of(1))]]);
    // The header's length is 640 = 0x0280.
    const missing = 640 - (Buffer.concat(encodeSafetensors(tensors, { k: "" })).length - 12);
    const bytes = Buffer.concat(encodeSafetensors(tensors, { k: "x".repeat(missing) }));
    expect([...bytes.subarray(0, 2)]).toEqual([0x80, 0x02]);
    writeFileSync(at("y"), bytes);
    expect((await openNetFile(at("y"))).format).toBe("safetensors");
  });

  test.each([
    [
      "nothing",
      "",
      /neither a safetensors file nor a PyTorch checkpoint nor another program's model: it is an empty file/,
    ],
    ["something else", "not a checkpoint", /neither .*it is a text file/],
  ])("and refused if it contains %s", async (_, content, message) => {
    writeFileSync(at("junk.pth"), content);
    await expect(loadCheckpoint(at("junk.pth"))).rejects.toThrow(message);
  });

  test("and refused if its cfg is not that of its tensors", async () => {
    const { tensors } = await openNetFile(fixture("pth/pruned-nin.pth"));
    const cfg = [12, 20, 4, 13, 11, 8, 6, 14];
    writeFileSync(at("lie.pth"), Buffer.concat(encodePth({ tensors, cfg, metadata: {} })));
    await expect(loadCheckpoint(at("lie.pth"))).rejects.toThrow(
      /cfg is 12,20,4,13,11,8,6,14, but its tensors have the widths 12,20,4,13,11,8,6,13/,
    );
  });

  test("and named as its net, without the prefix of DataParallel", async () => {
    const { state, bestAccuracy } = await loadCheckpoint(fixture("pth/module-prefix.pth"));
    expect([...state.keys()][0]).toBe("tnn_bin.0.weight");
    expect(bestAccuracy).toBe(77.7);
  });
});
