import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-onnx-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../import/onnx/fixtures/${name}.onnx`, import.meta.url));
const MOBILE = fixture("mobile_17");

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

describe("an ONNX model", () => {
  test("is converted with its graph, and what is assumed of it is printed", async () => {
    const { code, stdout } = await qprune(["convert", MOBILE, at("mobile.safetensors")]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/mobile_17, 5 classes, 14 tensors/);
    expect(stdout).toMatch(/ImageNet's mean and deviation are assumed/);
    const [converted, read] = [
      await loadCheckpoint(at("mobile.safetensors")),
      await loadCheckpoint(MOBILE),
    ];
    expect(converted.manifest).toEqual(read.manifest);
    expect(converted.state).toEqual(read.state);
  });

  test("is converted for images that are normalized otherwise", async () => {
    const convert = (...options: string[]) =>
      qprune(["convert", MOBILE, at("half.safetensors"), "--force", ...options]);
    const { code, stdout } = await convert("--mean", "0.5", "--std", "0.5,0.25,0.125");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.not.stringMatching(/assumed/) });
    expect((await loadCheckpoint(at("half.safetensors"))).manifest?.dataSet).toMatchObject({
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.25, 0.125],
    });
    const refusals = [
      [["--mean", "0.5"], /--mean is given without --std/],
      [["--mean", "127.5", "--std", "127.5"], /--mean.*expected three numbers from 0 to 1/],
      [["--mean", "0.5,0.5", "--std", "0.5"], /--mean.*expected three numbers from 0 to 1/],
      [["--mean", "0", "--std", "0"], /--std.*expected three numbers above 0 and at most 1/],
    ] as const;
    for (const [options, stderr] of refusals)
      expect(await convert(...options)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(stderr),
      });
    const own = [at("half.safetensors"), at("other.safetensors"), "--mean", "0", "--std", "1"];
    expect(await qprune(["convert", ...own])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is not a model of another program[\s\S]*Omit --mean/),
    });
  });

  test("may end at a node, which other files cannot", async () => {
    const until = ["--until", "/depthwise/Conv"];
    const { code } = await qprune(["convert", MOBILE, at("backbone.safetensors"), ...until]);
    expect(code).toBe(0);
    expect((await loadCheckpoint(at("backbone.safetensors"))).net.classes).toBe(8);
    const refused = await qprune([
      "convert",
      at("backbone.safetensors"),
      at("other.safetensors"),
      ...until,
    ]);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is not a model of another program[\s\S]*Omit --until/),
    });
  });

  test("is summarized, and has no keys", async () => {
    expect((await qprune(["summary", MOBILE])).stdout).toMatch(/gate\.fc1 +conv/);
    const { code, stderr } = await qprune(["summary", MOBILE, "--key", "model"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/is an ONNX model, which has no keys/);
  });

  test("is quantized by training, and exported as an ONNX model again", async () => {
    const data = ["--dataset", "digits", "--train-limit", "60", "--test-limit", "20"];
    const short = [...data, "--image-size", "12", "--epochs", "1", "--num_workers", "0"];
    const bits = ["--Wbits", "4", "--Abits", "4", "--save", at("four.safetensors")];
    expect(await qprune(["wqaq", "--refine", MOBILE, ...short, ...bits])).toMatchObject({
      code: 0,
    });
    const save = ["--format", "onnx", "--save", at("four.onnx")];
    const { code, stdout, stderr } = await qprune(["export", at("four.safetensors"), ...save]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/quantized kernels +int8 +5/);
    expect(stdout).toMatch(/Verified: all \d+ nodes and \d+ tensors match the net/);
    expect(existsSync(at("four.history.json"))).toBe(true);
    expect(readFileSync(at("four.onnx")).includes("QuantizeLinear")).toBe(true);
  });

  test("of float weights keeps its data set when it is read again", async () => {
    const save = ["--format", "onnx", "--save", at("float.onnx")];
    expect(await qprune(["export", MOBILE, ...save])).toMatchObject({ code: 0 });
    const [written, read] = [await loadCheckpoint(at("float.onnx")), await loadCheckpoint(MOBILE)];
    expect(written.notices).toEqual([]);
    expect(written.manifest?.dataSet).toEqual(read.manifest?.dataSet);
    expect([...written.state.keys()]).toEqual([...read.state.keys()]);
    expect([...written.state.values()]).toEqual([...read.state.values()]);
  });

  test("becomes a .tflite file, which is read again", async () => {
    const save = ["--format", "tflite", "--save", at("float.tflite")];
    const { code, stdout } = await qprune(["export", MOBILE, ...save]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Verified: all \d+ operators and \d+ tensors match the net/);
    expect((await loadCheckpoint(at("float.tflite"))).manifest?.spec.classes).toBe(5);
  });

  test("whose runtime gives other classes is reported with the closest outputs of an image", async () => {
    const onnx = ["--format", "onnx", "--save", at("last.onnx")];
    const runtime = at("runtime");
    // Takes the place of Python: every one of 16 images is of the last class.
    const program = `
const outputs = Float32Array.from({ length: 16 * 5 }, (_, at) => (at % 5 === 4 ? 1 : 0));
require("node:fs").writeFileSync(process.argv[6], new Uint8Array(outputs.buffer))`;
    writeFileSync(runtime, `#!${process.execPath}\n${program};console.log("last 1.0")\n`, {
      mode: 0o755,
    });
    const { code, stdout } = await qprune(["export", MOBILE, ...onnx, "--check", runtime]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /last 1\.0 gives the same class for 0 of 16 random images; outputs differ by \d\.\de\+\d of the largest at most\.\nThe two largest outputs of an image differ by \d\.\de-\d at least\./,
    );
  });

  test("is checked only with an interpreter that exists, and in formats that have a runtime", async () => {
    const onnx = ["--format", "onnx", "--save", at("checked.onnx")];
    expect(await qprune(["export", MOBILE, ...onnx, "--check", "/none/python"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no program \/none\/python[\s\S]*has onnxruntime/),
    });
    const packed = ["--format", "safetensors", "--save", at("other.safetensors")];
    for (const flag of [
      ["--check", "python3"],
      ["--opset", "21"],
    ])
      expect(await qprune(["export", MOBILE, ...packed, ...flag])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/is not an option of --format safetensors/),
      });
  });
});
