import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-bit-schedule-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SMALL = [
  ...["--dataset", "digits", "--train-limit", "150", "--test-limit", "100", "--json"],
  ...["--num_workers", "0", "--save-epoch", "last"],
];
const NIN = ["--arch", "nin", "--width", "0.125"];
const RESNET = ["--arch", "resnet20", "--width", "0.25"];

type Called = Awaited<ReturnType<typeof qprune>>;

const lossesOf = ({ events }: Called) =>
  events.filter(({ event }) => event === "epoch").map(({ trainLoss }) => trainLoss);

describe.each([
  ["a chain", ["wqaq", ...NIN, "--Wbits", "2", "--Abits", "2"], "32/32:1,4/4:1"],
  [
    "a graph with trained ranges",
    ["wqaq", ...RESNET, "--Wbits", "2", "--Abits", "2", "--quantizer", "lsq"],
    "32/32:1,4/4:1",
  ],
  ["ternary weights and binary activations", ["wbwtab", ...NIN, "--W", "3", "--A", "2"], "8/8:2"],
])("%s", (kind, command, schedule) => {
  const name = kind.replaceAll(" ", "-");
  const train = [...command, ...SMALL, "--bit-schedule", schedule];

  test("is trained with the bits of every phase, and saved with those of the result", async () => {
    const whole = await qprune([...train, "--epochs", "3", "--save", at(`${name}.safetensors`)]);
    expect(whole.stderr).not.toContain("error:");
    expect(whole.code).toBe(0);
    expect(lossesOf(whole)).toHaveLength(3);
    const { manifest } = await loadCheckpoint(at(`${name}.safetensors`));
    const direct = await qprune([
      ...[...command, ...SMALL, "--epochs", "1"],
      ...["--save", at(`${name}-direct.safetensors`)],
    ]);
    expect(direct.code).toBe(0);
    const own = (await loadCheckpoint(at(`${name}-direct.safetensors`))).manifest;
    expect(manifest?.spec.quantization).toEqual(own?.spec.quantization);
    expect(manifest?.epoch).toBe(3);
  });

  test("resumes exactly at the end of a phase and within one", async () => {
    const whole = await qprune([
      ...[...train, "--epochs", "3", "--force"],
      ...["--save", at(`${name}.safetensors`)],
    ]);
    for (const steps of ["2", "3", "7"]) {
      const file = at(`${name}-${steps}.safetensors`);
      const part = await qprune([
        ...[...train, "--epochs", "3", "--max-steps", steps, "--save", file],
      ]);
      expect(part.code).toBe(0);
      const rest = await qprune([
        ...[command[0] as string, "--resume", file.replace(".safetensors", ".state.safetensors")],
        ...["--json", "--max-steps", "9"],
      ]);
      expect(rest.stderr).not.toContain("error:");
      expect(lossesOf(rest).at(-1)).toBe(lossesOf(whole).at(-1));
      const [one, other] = await Promise.all(
        [file, at(`${name}.safetensors`)].map((path) => loadCheckpoint(path)),
      );
      expect(one?.state).toEqual(other?.state);
    }
  });
});

test("the bits of each phase are printed when it begins", async () => {
  const run = await qprune([
    ...[
      "wqaq",
      ...NIN,
      ...SMALL.filter((flag) => flag !== "--json"),
      "--bit-schedule",
      "32/32:1,4/8:1",
    ],
    ...["--Wbits", "2", "--Abits", "2", "--epochs", "3", "--save", at("printed.safetensors")],
  ]);
  expect(run.code).toBe(0);
  const lines = run.stderr.split("\n").filter((line) => line.startsWith("nin: weights"));
  expect(lines.map((line) => line.match(/\d+/g))).toEqual([
    ["32", "32"],
    ["4", "8"],
    ["2", "2"],
  ]);
});

test("the accuracy of earlier bits is not the best of the result", async () => {
  const run = await qprune([
    ...["wqaq", ...NIN, "--Wbits", "1", "--Abits", "1", "--bit-schedule", "32/32:2"],
    ...["--dataset", "digits", "--train-limit", "400", "--test-limit", "100", "--json"],
    ...["--num_workers", "0", "--epochs", "3", "--save", at("best.safetensors")],
  ]);
  expect(run.code).toBe(0);
  const { manifest } = await loadCheckpoint(at("best.safetensors"));
  expect(manifest?.epoch).toBe(3);
});

describe("refuses", () => {
  test.each([
    [["--bit-schedule", "8/8"], "expected WEIGHTS/ACTIVATIONS:EPOCHS"],
    [["--bit-schedule", "9/8:1"], "expected WEIGHTS/ACTIVATIONS:EPOCHS"],
    [["--bit-schedule", "8/8:0"], "expected WEIGHTS/ACTIVATIONS:EPOCHS"],
    [
      ["--bit-schedule", "8/8:2,4/4:1"],
      "takes 3 epochs, which leaves none of the run's 3 for the bits of the result",
    ],
    [
      ["--bit-schedule", "1/1:1,4/1:1", "--quantizer", "lsq"],
      "trains ranges of 2 to 8 bits, but one bit has only a sign",
    ],
  ])("%j", async (flags, message) => {
    const run = await qprune(["wqaq", ...NIN, ...SMALL, "--epochs", "3", ...flags]);
    expect(run.stderr).toContain(message);
    expect(run.stderr).toContain("hint:");
    expect(run.code).toBe(2);
  });
});
