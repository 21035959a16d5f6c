import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { EXTERNAL } from "../../../src/formats/onnx/messages.js";
import { parseOnnx } from "../../../src/formats/onnx/read-onnx.js";
import { float32Values } from "../../../src/formats/safetensors/tensor-values.js";
import { floatTensor, netBytes, onnxBytes } from "./onnx-file.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-onnx-read-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "net.onnx");

const external = (location: string, offset = "0", length = "16") =>
  floatTensor("w", [4], {
    rawData: undefined,
    dataLocation: EXTERNAL,
    externalData: [
      { key: "location", value: location },
      { key: "offset", value: offset },
      { key: "length", value: length },
    ],
  } as never);

const readExternal = async (...place: Parameters<typeof external>) => {
  const { tensors } = await parseOnnx(netBytes([], { initializer: [external(...place)] }), path);
  return [...float32Values(tensors.get("w") as never, "w")];
};

describe("external data", () => {
  writeFileSync(join(folder, "net.data"), Buffer.from(Float32Array.of(9, 1, 2, 3, 4).buffer));

  test("are read from a file next to the model", async () => {
    expect(await readExternal("net.data", "4")).toEqual([1, 2, 3, 4]);
  });

  test.each(["../net.data", "/etc/passwd", "a/net.data", "..", "", "C:net.data", "a\\b", "a\0b"])(
    "are refused with the name %j",
    async (name) => {
      await expect(readExternal(name)).rejects.toThrow(
        /which is not the name of a file next to the model/,
      );
    },
  );

  test("are refused beyond the end, with another length, as a link, and if they are missing", async () => {
    await expect(readExternal("net.data", "8")).rejects.toThrow(/ends at byte 24/);
    await expect(readExternal("net.data", "-4")).rejects.toThrow(/needs 16 bytes, but has/);
    await expect(readExternal("net.data", "0", "999999999")).rejects.toThrow(/needs 16 bytes/);
    symlinkSync("net.data", join(folder, "link.data"));
    await expect(readExternal("link.data")).rejects.toThrow(/is a link/);
    await expect(readExternal("other.data")).rejects.toThrow(/cannot be read|no such file/);
  });

  test("cannot use the same bytes again and again", async () => {
    const initializer = Array.from({ length: 3 }, (_, at) => ({
      ...external("net.data"),
      name: `w${at}`,
    }));
    await expect(parseOnnx(netBytes([], { initializer }), path)).rejects.toThrow(
      /needs 48 bytes of .*net\.data, which has 20/,
    );
  });
});

describe("a damaged file is refused", () => {
  const whole = netBytes([], { initializer: [floatTensor("w", [2, 2])] });

  test("wherever it ends", async () => {
    let refused = 0;
    for (let length = 0; length < whole.length; length++)
      await parseOnnx(whole.subarray(0, length), path).catch(({ message }) => {
        expect(message).toMatch(/is not a valid ONNX file/);
        refused++;
      });
    // Cut between two fields, a message is complete.
    expect(refused).toBeGreaterThan(0.9 * whole.length);
  });

  test.each([
    ["shapes beyond its bytes", { dims: [2 ** 30, 2 ** 30] }, /impossible shape|needs/],
    ["negative sides", { dims: [-1, 4] }, /impossible shape \[-1,4\]/],
    ["too many sides", { dims: new Array(40).fill(1) }, /impossible shape/],
    ["too few numbers", { dims: [5] }, /of shape \[5\] needs 20 bytes, but has 16/],
    ["an unknown element type", { dataType: 77 }, /element type 77/],
    ["texts as its numbers", { dataType: 8 }, /element type 8/],
  ])("with %s", async (_, change, message) => {
    const tensor = { ...floatTensor("w", [4]), ...change };
    await expect(parseOnnx(netBytes([], { initializer: [tensor] }), path)).rejects.toThrow(message);
  });

  test("with integers that are cut off or too many", async () => {
    const shape = (count: number, bytes: number[]) =>
      parseOnnx(
        netBytes([], {
          initializer: [
            { name: "s", dims: [count], dataType: 7, int64Data: [Uint8Array.from(bytes)] },
          ],
        }),
        path,
      );
    await expect(shape(3, [1, 2])).rejects.toThrow(/has 2 of 3 numbers/);
    await expect(shape(1, [1, 2])).rejects.toThrow(/has more than 1 numbers/);
    await expect(shape(2 ** 40, [1])).rejects.toThrow(/varints/);
    expect((await shape(2, [1, 0x81, 1])).tensors.get("s")?.data).toHaveLength(16);
  });

  test("with far more parts than nets have", async () => {
    const empty = Buffer.alloc(2 * 500_000, Buffer.from([0x0a, 0]));
    const length = empty.length;
    const head = [0x3a, (length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14];
    const bytes = Buffer.concat([Buffer.from(head), empty]);
    await expect(parseOnnx(bytes, path)).rejects.toThrow(/more than 400000 parts/);
  });

  test("without a graph", async () => {
    await expect(parseOnnx(onnxBytes({}), path)).rejects.toThrow(/it has no graph/);
  });
});
