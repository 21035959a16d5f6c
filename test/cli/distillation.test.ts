import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-distillation-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DATA = ["--dataset", "digits", "--train-limit", "230", "--test-limit", "100"];
const SMALL = [...DATA, "--json", "--num_workers", "0"];
const NIN = ["--arch", "nin", "--width", "0.125"];
const STUDENT = ["wqaq", "--Wbits", "2", "--Abits", "2", "--arch", "nin_gc", "--width", "0.125"];
const TEACHER = ["--teacher", at("teacher.safetensors")];

const lossesOf = ({ events }: Awaited<ReturnType<typeof qprune>>) =>
  events
    .filter(({ event }) => event === "epoch")
    .map(({ trainLoss, testLoss }) => [trainLoss, testLoss]);

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  const train = ["prune", ...SMALL, ...NIN, "--epochs", "1"];
  const run = await qprune([...train, "--save", at("teacher.safetensors")]);
  expect(run.code).toBe(0);
});

test("a net of another architecture learns from a teacher, and a run resumes exactly", async () => {
  const train = [...STUDENT, ...SMALL, ...TEACHER, "--temperature", "2", "--mixup", "0.2"];
  const whole = await qprune([...train, "--epochs", "2", "--save", at("whole.safetensors")]);
  expect(whole.code).toBe(0);
  const alone = await qprune([
    ...[...STUDENT, ...SMALL, "--mixup", "0.2", "--epochs", "2"],
    ...["--save", at("alone.safetensors")],
  ]);
  expect(lossesOf(whole)).not.toEqual(lossesOf(alone));
  await qprune([...train, "--epochs", "1", "--save", at("part.safetensors")]);
  const resume = ["wqaq", "--resume", at("part.state.safetensors"), "--json", "--epochs", "2"];
  const rest = await qprune(resume);
  expect(lossesOf(rest)).toEqual(lossesOf(whole).slice(1));
});

test("a run does not resume with another teacher of the same name, unless --override allows it", async () => {
  const copy = at("copy.safetensors");
  copyFileSync(at("teacher.safetensors"), copy);
  const train = [...STUDENT, ...SMALL, "--teacher", copy, "--epochs", "1"];
  await qprune([...train, "--save", at("other.safetensors")]);
  const other = ["prune", ...SMALL, ...NIN, "--epochs", "1", "--seed", "2"];
  await qprune([...other, "--save", copy]);
  const resume = ["wqaq", "--resume", at("other.state.safetensors"), "--json", "--epochs", "2"];
  const refused = await qprune(resume);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("is not the --teacher that");
  expect(await qprune([...resume, "--override"])).toMatchObject({ code: 0 });
});

test("hints change what a net learns, and a run with them resumes exactly", async () => {
  const hinted = [...STUDENT, ...SMALL, ...TEACHER, "--hints", "dorefa.2=tnn_bin.2"];
  const whole = await qprune([...hinted, "--epochs", "2", "--save", at("hinted.safetensors")]);
  expect(whole.stderr).not.toContain("error:");
  expect(whole.code).toBe(0);
  const plain = [...STUDENT, ...SMALL, ...TEACHER, "--epochs", "2"];
  const without = await qprune([...plain, "--save", at("plain.safetensors")]);
  expect(lossesOf(whole)).not.toEqual(lossesOf(without));
  await qprune([...hinted, "--epochs", "1", "--save", at("hinted-part.safetensors")]);
  const resume = [
    "wqaq",
    "--resume",
    at("hinted-part.state.safetensors"),
    "--json",
    "--epochs",
    "2",
  ];
  expect(lossesOf(await qprune(resume))).toEqual(lossesOf(whole).slice(1));
});

describe("refuses", () => {
  test.each([
    [["--temperature", "2"], "--temperature is for distillation, which needs a teacher."],
    [["--distill-weight", "0.5"], "--distill-weight is for distillation"],
    [[...TEACHER, "--distill-weight", "1.5"], "expected a number from 0 to 1"],
    [["--hints", "tnn_bin.1"], "--hints is for distillation"],
    [[...TEACHER, "--hints", "a b"], "expected layers separated by commas"],
    [
      [...TEACHER, "--hints", "dorefa.2=tnn_bin.9.conf"],
      'The teacher has no layer or module "tnn_bin.9.conf"',
    ],
    [[...TEACHER, "--hints", "dorefa.2=tnn_bin.9"], "is 32x32x"],
    [[...TEACHER, "--image-size", "64"], "takes images of 32x32, but the run has 64x64"],
  ] as [string[], string][])("%j", async (flags, message) => {
    const run = await qprune([...STUDENT, ...SMALL, ...flags]);
    expect(run.stderr).toContain(message);
    expect(run.stderr).toContain("hint:");
    expect(run.code).toBe(2);
  });
});

test("a stage of a recipe learns from another one", async () => {
  writeFileSync(
    at("recipe.yml"),
    `defaults: {dataset: digits, train-limit: 230, test-limit: 100, epochs: 1, num-workers: 0}
stages:
  big: {kind: train, arch: nin, width: 0.125}
  small: {kind: train, arch: nin_gc, width: 0.125, teacher: big, distill-weight: 0.5}
`,
  );
  const call = ["run", at("recipe.yml"), "--folder", at("out")];
  const run = await qprune(call);
  expect(run.stderr).not.toContain("error:");
  expect(run.code).toBe(0);
  expect(existsSync(at("out/small.safetensors"))).toBe(true);
  const changed = await qprune([...call, "--set", "big.seed=2", "--dry-run"]);
  expect(changed.stdout).toMatch(/small.*\n?.*(big|teacher)/);
});

test("a teacher that does not exist is reported before anything is trained", async () => {
  const run = await qprune([...STUDENT, ...SMALL, "--teacher", at("none.safetensors")]);
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("none.safetensors");
});
