import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Hdf5Problem } from "../../../src/formats/hdf5/bytes.js";
import { type Hdf5Object, readHdf5 } from "../../../src/formats/hdf5/read-hdf5.js";

const whole = readFileSync(new URL("../../import/keras/fixtures/nested_2.h5", import.meta.url));

/** Reads everything in a file, and returns the shapes of its data sets by path. */
const everything = (object: Hdf5Object, path = "", depth = 0): Record<string, string> => {
  const shapes: Record<string, string> = {};
  for (const name of object.names()) {
    const member = object.member(name) as Hdf5Object;
    for (const attribute of ["layer_names", "weight_names", "backend"]) member.texts(attribute);
    const names = member.names();
    if (names.length === 0 && name.includes(":")) {
      const { dtype, shape } = member.tensor();
      shapes[`${path}${name}`] = `${dtype} [${shape}]`;
    }
    if (depth < 10) Object.assign(shapes, everything(member, `${path}${name}/`, depth + 1));
  }
  return shapes;
};

test("groups, texts and numbers are read", () => {
  const root = readHdf5(whole);
  expect(root.texts("backend")).toEqual(["tensorflow"]);
  expect(root.member("model_weights")?.texts("layer_names")).toEqual([
    ...["first", "body", "tail", "reshape", "classes"],
  ]);
  expect(root.member("model_weights/none")).toBeUndefined();
  expect(everything(root)).toEqual({
    "model_weights/body/shared/bias:0": "F32 [4]",
    "model_weights/body/shared/kernel:0": "F32 [3,3,4,4]",
    "model_weights/classes/classes/bias:0": "F32 [5]",
    "model_weights/classes/classes/kernel:0": "F32 [108,5]",
    "model_weights/first/first/bias:0": "F32 [4]",
    "model_weights/first/first/kernel:0": "F32 [1,1,3,4]",
    "model_weights/tail/last/bias:0": "F32 [3]",
    "model_weights/tail/last/kernel:0": "F32 [3,3,4,3]",
  });
});

/** The places of four characters. */
const placesOf = (signature: string): number[] => {
  const places: number[] = [];
  for (let at = whole.indexOf(signature); at >= 0; at = whole.indexOf(signature, at + 1))
    places.push(at);
  return places;
};

const changed = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.from(whole);
  change(bytes);
  return bytes;
};

describe("a damaged file is refused", () => {
  const read = (bytes: Buffer) => () => everything(readHdf5(bytes));

  test("wherever it ends", () => {
    for (let length = 0; length < whole.length; length += 97)
      expect(read(whole.subarray(0, length)), `${length} bytes`).toThrow(Hdf5Problem);
  });

  test("with a tree that contains itself", () => {
    const [tree = 0] = placesOf("TREE");
    const bytes = changed((copy) => {
      // Its level is no longer that of leaves, and each child is the tree.
      copy[tree + 5] = 1;
      copy.writeUInt16LE(4, tree + 6);
      for (let index = 0; index < 4; index++)
        copy.writeBigUInt64LE(BigInt(tree), tree + 24 + 16 * index + 8);
    });
    const before = performance.now();
    expect(read(bytes)).toThrow(/too deep|parts/);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test("with a header that continues itself", () => {
    const root = Number(whole.readBigUInt64LE(64));
    const bytes = changed((copy) => {
      copy.writeUInt16LE(0x10, root + 16);
      copy.writeUInt16LE(16, root + 18);
      copy.writeUInt8(0, root + 20);
      copy.writeBigUInt64LE(BigInt(root + 16), root + 24);
      copy.writeBigUInt64LE(24n, root + 32);
    });
    expect(read(bytes)).toThrow(/more than 500000 parts/);
  });

  test("with addresses beyond its end", () => {
    for (const place of placesOf("SNOD"))
      expect(read(changed((copy) => copy.writeBigUInt64LE(2n ** 62n, place + 16)))).toThrow(
        /refers to byte/,
      );
  });
});
