import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { withOpenFile } from "../../../src/files/reading/with-open-file.js";
import { isKeras, readOpenKeras } from "../../../src/formats/keras/read-keras.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-keras-read-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fixture = (name: string) =>
  readFileSync(new URL(`../../import/keras/fixtures/${name}`, import.meta.url));

const read = (bytes: Uint8Array) => {
  const path = join(folder, "net.keras");
  writeFileSync(path, bytes);
  return withOpenFile(path, readOpenKeras);
};

/** An archive of one compressed entry. */
const bomb = (name: string, size: number): Buffer => {
  const content = Buffer.alloc(size);
  const packed = deflateRawSync(content);
  const fields = (signature: number, isCentral: boolean): Buffer => {
    const head = Buffer.alloc(isCentral ? 46 : 30);
    const at = isCentral ? 2 : 0;
    head.writeUInt32LE(signature, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(8, 8 + at);
    head.writeUInt32LE(packed.length, 18 + at);
    head.writeUInt32LE(size, 22 + at);
    head.writeUInt16LE(name.length, 26 + at);
    return Buffer.concat([head, Buffer.from(name)]);
  };
  const local = Buffer.concat([fields(0x04034b50, false), packed]);
  const central = fields(0x02014b50, true);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
};

test("files are recognized by their first bytes", () => {
  for (const name of ["nested_2.h5", "nested_3.keras"])
    expect(isKeras(fixture(name).subarray(0, 512))).toBe(true);
  expect(isKeras(fixture("nested.tflite"))).toBe(false);
});

test("the version and the configuration are read", async () => {
  for (const [name, version] of [
    ["nested_2.h5", /^2\./],
    ["nested_3.keras", /^3\./],
  ] as const) {
    const file = await read(fixture(name));
    expect(file.version).toMatch(version);
    expect(file.config).toMatchObject({ class_name: "Sequential" });
  }
});

test("an archive that unpacks to far more than it has is refused before it is unpacked", async () => {
  await expect(read(bomb("config.json", 100_000_000))).rejects.toThrow(
    'entry "config.json" is compressed; model.save never compresses',
  );
});

test("an archive that is cut off, and weights without a model are refused", async () => {
  const whole = fixture("nested_3.keras");
  await expect(read(whole.subarray(0, -30))).rejects.toThrow(/is not a valid Keras model/);
  const hidden = Buffer.from(
    fixture("nested_2.h5").toString("latin1").replace("model_config", "model_konfig"),
    "latin1",
  );
  await expect(read(hidden)).rejects.toThrow(/contains no configuration of a model/);
});
