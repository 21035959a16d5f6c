import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { readSafetensors } from "../../src/formats/safetensors/read-safetensors.js";
import { readPth } from "../../src/formats/torch/read-pth.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-convert-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../reference/fixtures/pth/${name}`, import.meta.url));

const DATA = ["--dataset", "digits", "--train-limit", "60", "--test-limit", "60"];
const SMALL = [...DATA, "--arch", "nin", "--cfg", "10,12,8,8,8,8,8,6", "--epochs", "1", "--json"];
const convert = (...argv: string[]) => qprune(["convert", ...argv]);
const plain = ({ state }: Awaited<ReturnType<typeof loadCheckpoint>>) =>
  [...state].map(([name, { dtype, shape, data }]) => [name, dtype, [...shape], [...data]]);

beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

describe("a run that saves a .pth", () => {
  beforeAll(async () => {
    const gap = ["--W", "3", "--A", "2", "--gap"];
    for (const suffix of ["pth", "safetensors"]) {
      const save = ["--save", at(`gap.${suffix}`)];
      expect((await qprune(["wbwtab", ...SMALL, ...gap, ...save])).code).toBe(0);
    }
  });

  test("records everything that a safetensors file records", async () => {
    const [pth, safetensors] = [
      await loadCheckpoint(at("gap.pth")),
      await loadCheckpoint(at("gap.safetensors")),
    ];
    expect(plain(pth)).toEqual(plain(safetensors));
    expect(pth.manifest).toEqual(safetensors.manifest);
    expect(pth.manifest).toMatchObject({ isFinished: true, epoch: 1 });
    expect(pth.manifest?.ternaryCodes).toBeDefined();
    expect((await readPth(at("gap.pth"))).cfg).toEqual([10, 12, 8, 8, 8, 8, 8, 6]);
  });

  test("can be tested, resumed, refined and pruned from it", async () => {
    const { manifest } = await loadCheckpoint(at("gap.pth"));
    const tested = await qprune([
      "wbwtab",
      ...DATA,
      "--evaluate",
      "--resume",
      at("gap.pth"),
      "--json",
    ]);
    expect(tested.events[0]?.testAccuracy).toBe(manifest?.accuracy);
    const resumed = await qprune([
      ...["wbwtab", ...DATA, "--epochs", "1", "--max-steps", "1", "--json"],
      ...["--resume", at("gap.pth"), "--save", at("resumed.pt")],
    ]);
    expect(resumed.code).toBe(0);
    expect((await loadCheckpoint(at("resumed.pt"))).manifest?.isFinished).toBe(true);
    const pruned = await qprune([
      ...["gc-prune", "--model", at("gap.pth"), "--no-test", "--json"],
      ...["--save", at("pruned.pth")],
    ]);
    expect(pruned.code).toBe(0);
    expect((await readPth(at("pruned.pth"))).cfg).toEqual(pruned.events[0]?.cfg);
    const refined = await qprune([
      ...["wqaq", ...DATA, "--epochs", "1", "--max-steps", "1"],
      ...["--refine", at("pruned.pth"), "--save", at("refined.pth")],
    ]);
    expect(refined.stdout).toContain(`Saved ${at("refined.pth")}`);
  });

  test("keeps the files of earlier finished and unfinished runs under different names", async () => {
    const run = (signal?: AbortSignal) =>
      qprune(["wqaq", ...SMALL, "--epochs", "999", "--save", at("moved.pth")], signal);
    const stopped = async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 600);
      await run(controller.signal);
      return readFileSync(at("moved.pth"));
    };
    copyFileSync(at("gap.pth"), at("moved.pth"));
    const first = await stopped();
    expect(readFileSync(at("moved.pth.previous")).equals(readFileSync(at("gap.pth")))).toBe(true);
    await stopped();
    expect(readFileSync(at("moved.pth.interrupted")).equals(first)).toBe(true);
    expect((await loadCheckpoint(at("moved.pth.previous"))).manifest?.isFinished).toBe(true);
  });
});

describe("convert", () => {
  test("there and back gives a byte-identical file", async () => {
    const there = await convert(at("gap.safetensors"), at("there.pth"));
    expect(there.stderr).toBe("");
    expect(there.stdout).toBe(
      `Wrote ${at("there.pth")}: nin (tnn_bin), cfg 10,12,8,8,8,8,8,6, 10 classes, 63 tensors, ${statSync(at("there.pth")).size} bytes\n`,
    );
    expect((await convert(at("there.pth"), at("back.safetensors"))).code).toBe(0);
    const [first, back] = [at("gap.safetensors"), at("back.safetensors")].map((each) =>
      readFileSync(each),
    );
    expect(back?.equals(first as Buffer)).toBe(true);
    expect(readFileSync(at("there.pth")).equals(readFileSync(at("gap.pth")))).toBe(true);
  });

  test("renames the state-dict prefix, also in the manifest and the ternary codes", async () => {
    const { code } = await convert(at("gap.pth"), at("renamed.pth"), "--sequence", "dorefa");
    expect(code).toBe(0);
    const [before, after] = [
      await loadCheckpoint(at("gap.pth")),
      await loadCheckpoint(at("renamed.pth")),
    ];
    expect(after.manifest?.spec).toHaveProperty("sequence", "dorefa");
    expect([...after.state.keys()]).toEqual(
      [...before.state.keys()].map((name) => name.replace("tnn_bin", "dorefa")),
    );
    expect(Object.values(after.manifest?.ternaryCodes ?? {})).toEqual(
      Object.values(before.manifest?.ternaryCodes ?? {}),
    );
    expect(
      (await convert(at("renamed.pth"), at("again.safetensors"), "--sequence", "tnn_bin")).code,
    ).toBe(0);
    expect(plain(await loadCheckpoint(at("again.safetensors")))).toEqual(plain(before));
  });

  test.each([
    ["pruned-nin.pth", "nin", [12, 20, 4, 13, 11, 8, 6, 13], "tnn_bin"],
    ["refine-nin-legacy.pth", "nin", [12, 20, 4, 13, 11, 8, 6, 13], "tnn_bin"],
    ["wbwtab-nin_gc-stripped.pth", "nin_gc", [32, 32, 32, 64, 64, 64, 128, 128], "tnn_bin"],
    ["module-prefix.pth", "nin", [24, 20, 12, 24, 24, 24, 24, 24], "tnn_bin"],
  ])("reads %s of the reference scripts and prints its net", async (name, arch, cfg, sequence) => {
    const out = at(`${name}.safetensors`);
    const { events, code } = await convert(fixture(name), out, "--json");
    expect(code).toBe(0);
    const bytes = statSync(out).size;
    const reported = {
      file: out,
      format: "safetensors",
      arch,
      sequence,
      cfg,
      classes: 10,
      tensors: 63,
      bytes,
      hasManifest: false,
    };
    expect(events).toEqual([reported]);
    const { tensors } = await readSafetensors(out);
    expect([...tensors.keys()].every((key) => key.startsWith(sequence))).toBe(true);
  });

  test("reads a state dict of a custom architecture that --arch describes", async () => {
    const net = {
      name: "own",
      convs: [{ width: 4, kernel: 3 }, { width: 6, kernel: 1 }, { kernel: 1 }],
    };
    writeFileSync(at("own.json"), JSON.stringify(net));
    const arch = ["--arch", at("own.json")];
    await qprune([
      "wqaq",
      ...DATA,
      ...arch,
      "--max-steps",
      "0",
      "--epochs",
      "1",
      "--save",
      at("own.pth"),
    ]);
    const { tensors } = await readPth(at("own.pth"));
    const { encodePth } = await import("../../src/formats/torch/encode-pth.js");
    writeFileSync(at("bare.pth"), Buffer.concat(encodePth({ tensors, metadata: {} })));
    expect((await convert(at("bare.pth"), at("bare.safetensors"))).stderr).toMatch(
      /match no built-in net/,
    );
    const described = await convert(at("bare.pth"), at("bare.safetensors"), ...arch, "--json");
    expect(described.events[0]).toMatchObject({ arch: "own", cfg: [4, 6], hasManifest: false });
  });

  test("reports a file that does not record how its net was trained", async () => {
    const { stdout } = await convert(fixture("pruned-nin.pth"), at("unrecorded.safetensors"));
    expect(stdout).toMatch(/The file does not record how the net was quantized and trained\.\n$/);
  });
});

describe("convert refuses", () => {
  const refused = async (argv: string[], code: number, message: RegExp): Promise<void> => {
    const run = await convert(...argv);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toContain("hint:");
    expect(run.stderr).not.toContain("    at ");
    expect([run.code, run.stdout]).toEqual([code, ""]);
  };
  const IN = fixture("pruned-nin.pth");

  test.each([
    ["no files", [], 2, /missing required argument 'in'/],
    ["one file", [IN], 2, /missing required argument 'out'/],
    ["three files", [IN, "b.pth", "c.pth"], 2, /too many arguments/],
    [
      "another ending",
      [IN, "b.onnx"],
      2,
      /OUT b\.onnx: the name must end in one of \.safetensors, \.pth, \.pt/,
    ],
    ["a folder that is not there", [IN, "no/where.pth"], 2, /folder of OUT does not exist/],
    [
      "another sequence",
      [IN, "b.pth", "--sequence", "net"],
      2,
      /--sequence net: expected dorefa or tnn_bin/,
    ],
    ["another net", [IN, "b.pth", "--arch", "nin_gc"], 2, /--arch is nin_gc, but .* contains nin/],
    [
      "a file that is not there",
      ["gone.pth", "b.pth"],
      1,
      /Cannot read gone\.pth: there is no such file/,
    ],
    [
      "a file that runs a command",
      [fixture("malicious.pth"), "b.pth"],
      1,
      /refers to posix\.system, which no checkpoint needs/,
    ],
  ] as [string, string[], number, RegExp][])("%s", async (_, argv, code, message) => {
    await refused(argv, code, message);
    expect(existsSync("b.pth")).toBe(false);
  });

  test("an existing file, unless --force is given", async () => {
    writeFileSync(at("existing.pth"), "mine");
    await refused([IN, at("existing.pth")], 2, /already exists/);
    expect(readFileSync(at("existing.pth"), "utf8")).toBe("mine");
    expect((await convert(IN, at("existing.pth"), "--force")).code).toBe(0);
    expect((await convert(at("existing.pth"), at("existing.pth"), "--force")).code).toBe(0);
    expect((await loadCheckpoint(at("existing.pth"))).net.arch).toBe("nin");
    mkdirSync(at("folder.pth"));
    await refused([IN, at("folder.pth"), "--force"], 2, /is a folder/);
  });
});
