import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { encodeSafetensors } from "../../src/formats/safetensors/encode-safetensors.js";
import { readSafetensors } from "../../src/formats/safetensors/read-safetensors.js";
import { widthsOf } from "../../src/models/chains/chain-spec.js";
import { chainSpecOf, type NetSpec } from "../../src/models/net-spec.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-own-nets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
});

const at = (name: string): string => join(folder, name);
const write = (name: string, content: unknown): string => {
  writeFileSync(at(name), typeof content === "string" ? content : JSON.stringify(content));
  return at(name);
};

const TINY = {
  name: "tiny-1",
  convs: [
    { width: 8, kernel: 3, pool: { kind: "max", size: 2 } },
    { width: 12, kernel: 4, pad: 1, groups: 2, dropout: 0.2 },
    {
      width: 12,
      kernel: 3,
      groups: 4,
      shuffle: 2,
      pool: { kind: "average", size: 3, stride: 2, pad: 1 },
    },
    { width: 8, kernel: 1, isQuantized: false },
    { kernel: 1 },
  ],
};
const tiny = write("tiny.json", TINY);
const wider = write("wider.json", {
  ...TINY,
  name: "wider",
  convs: TINY.convs.map((conv) =>
    "width" in conv ? { ...conv, width: 4 * (conv.width ?? 0) } : conv,
  ),
});
const other = write("other.json", {
  ...TINY,
  convs: TINY.convs.map((conv, place) => (place === 3 ? { ...conv, kernel: 3 } : conv)),
});
const back = write("back.json", {
  name: "back",
  order: "norm-activation-conv",
  norm: { epsilon: 1e-4, minGamma: 0.01 },
  convs: TINY.convs,
});

const DATA = ["--dataset", "digits", "--train-limit", "100", "--test-limit", "50"];
const RUN = [...DATA, "--epochs", "1", "--json"];
const accuracy = (events: readonly Record<string, unknown>[], event: string): unknown =>
  events.find((each) => each.event === event)?.testAccuracy;

const train = async (save: string, ...argv: string[]) => {
  const [command = "wqaq", ...more] = argv;
  const run = await qprune([command, ...RUN, "--save", at(save), ...more]);
  expect(run.stderr).toBe("");
  expect(run.code).toBe(0);
  return run;
};
const evaluate = async (file: string, ...more: string[]) => {
  const run = await qprune([
    "wqaq",
    ...DATA,
    "--evaluate",
    "--resume",
    at(file),
    "--json",
    ...more,
  ]);
  expect(run.stderr).toBe("");
  return accuracy(run.events, "evaluation");
};

describe("a net from a file", () => {
  test.each([
    ["wqaq", tiny, ["--Wbits", "4", "--Abits", "4"]],
    ["wbwtab", tiny, ["--W", "3", "--A", "2"]],
    ["wqaq", tiny, ["--W", "2", "--Abits", "8"]],
    ["wbwtab", tiny, ["--W", "32", "--A", "3"]],
    ["wbwtab", back, ["--W", "2", "--A", "2"]],
    ["wqaq", back, ["--Wbits", "4", "--A", "2"]],
  ])("is trained by %s %s %j, saved, and evaluates to the same", async (command, arch, flags) => {
    const { events } = await train("net.safetensors", command, "--arch", arch, ...flags);
    expect(await evaluate("net.safetensors")).toBe(accuracy(events, "epoch"));
    expect(await evaluate("net.safetensors", "--arch", arch)).toBe(accuracy(events, "epoch"));
  });

  test("is completely recorded in the saved file", async () => {
    await train("reported.safetensors", "wqaq", "--arch", tiny, "--max-steps", "0");
    const { manifest, net } = await loadCheckpoint(at("reported.safetensors"));
    expect(net).toEqual({
      arch: "tiny-1",
      classes: 10,
      chain: { sequence: "dorefa", widths: [8, 12, 12, 8] },
    });
    const { convs } = chainSpecOf(manifest?.spec as NetSpec, "tiny");
    expect(convs.map(({ isQuantized }) => isQuantized)).toEqual([
      ...[false, true, true, false, false],
    ]);
    expect(convs[1]).toEqual({
      ...{ width: 12, kernel: 4, pad: 1, groups: 2, shuffle: 1, dropout: 0.2, isQuantized: true },
    });
  });

  test("accepts --cfg and --width like a built-in net", async () => {
    const widths = async (...flags: string[]) => {
      await train("widths.safetensors", "wqaq", "--arch", tiny, "--max-steps", "0", ...flags);
      return (await loadCheckpoint(at("widths.safetensors"))).net.chain?.widths;
    };
    expect(await widths("--cfg", "2,4,8,5")).toEqual([2, 4, 8, 5]);
    expect(await widths("--width", "0.5")).toEqual([4, 8, 8, 4]);
  });

  test("names the file of the best net by default", async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { code } = await qprune(["wqaq", ...RUN, "--arch", "tiny.json", "--max-steps", "0"]);
      expect(code).toBe(0);
      expect(readdirSync(at("models_save/wqaq"))).toEqual([
        "tiny-1.history.json",
        "tiny-1.safetensors",
        "tiny-1.state.safetensors",
      ]);
    } finally {
      process.chdir(before);
    }
  });

  test("that names a built-in net trains that one", async () => {
    const nin = fileURLToPath(new URL("../../examples/nets/nin.json", import.meta.url));
    const losses = async (arch: string) =>
      (await train("same.safetensors", "wqaq", "--arch", arch, "--width", "0.125")).events
        .filter(({ event }) => event === "epoch")
        .map(({ trainLoss, testLoss }) => [trainLoss, testLoss]);
    expect(await losses(nin)).toEqual(await losses("nin"));
  });
});

describe("a saved custom architecture", () => {
  beforeAll(async () => {
    await train("saved.safetensors", "wqaq", "--arch", tiny, "--cfg", "4,8,8,6");
  });

  test("is refined and resumed without --arch", async () => {
    await train("more.safetensors", "wbwtab", "--refine", at("saved.safetensors"), "--W", "3");
    const refined = await loadCheckpoint(at("more.safetensors"));
    expect(refined.net).toMatchObject({ arch: "tiny-1", chain: { widths: [4, 8, 8, 6] } });
    await train("again.safetensors", "wbwtab", "--resume", at("more.safetensors"));
    const resumed = await loadCheckpoint(at("again.safetensors"));
    expect(resumed.manifest?.spec).toEqual(refined.manifest?.spec);
  });

  test("agrees with an --arch of the same layers, whatever its widths and name", async () => {
    const flags = ["--arch", wider, "--refine", at("saved.safetensors"), "--max-steps", "0"];
    await train("agreed.safetensors", "wqaq", ...flags);
    const { net } = await loadCheckpoint(at("agreed.safetensors"));
    expect(net).toMatchObject({ arch: "tiny-1", chain: { widths: [4, 8, 8, 6] } });
  });

  test("contradicts an --arch with other layers", async () => {
    for (const [arch, hint] of [
      [other, /The file contains tiny-1, whose kernel of convolution 3 is 1, not 3; omit --arch\./],
      ["nin", /whose number of convolutions is 5, not 9/],
      [back, /whose order is conv-norm-activation[\s\S]*different sides of the convolutions/],
    ] as const) {
      for (const flag of ["--refine", "--resume"]) {
        const argv = ["--arch", arch, flag, at("saved.safetensors")];
        const { code, stderr, stdout } = await qprune(["wqaq", ...RUN, ...argv]);
        expect(stderr).toMatch(/--arch is .*, which contradicts .*saved\.safetensors/);
        expect(stderr).toMatch(hint);
        expect([code, stdout]).toEqual([2, ""]);
      }
    }
  });
});

describe("qprune prune", () => {
  test("trains a custom architecture sparsely, which can be pruned, refined and quantized", async () => {
    await train("sparse.safetensors", "prune", "--arch", tiny, "--width", "2", "-sr");
    const prune = ["gc-prune", "--model", at("sparse.safetensors"), "--percent", "0.3"];
    const pruned = await qprune([
      ...prune,
      "--save",
      at("pruned.safetensors"),
      "--test-limit",
      "50",
    ]);
    expect(pruned.code).toBe(0);
    await train("quantized.safetensors", "wqaq", "--refine", at("pruned.safetensors"));
    const { net } = await loadCheckpoint(at("quantized.safetensors"));
    expect(net.arch).toBe("tiny-1");
    expect(
      net.chain?.widths.every((width, place) => width <= 2 * (TINY.convs[place]?.width ?? 0)),
    ).toBe(true);
    expect(await evaluate("quantized.safetensors", "--arch", tiny)).toEqual(expect.any(Number));
  });

  test("refuses one with batch norm before the convolutions", async () => {
    const { code, stderr } = await qprune(["prune", ...RUN, "--arch", back]);
    expect(stderr).toMatch(/--arch .*back\.json is not for float training/);
    expect(code).toBe(2);
  });
});

describe("a state dict that does not record its net", () => {
  beforeAll(async () => {
    await train("full.safetensors", "wqaq", "--arch", tiny, "--cfg", "4,8,8,6");
    const { tensors } = await readSafetensors(at("full.safetensors"));
    writeFileSync(at("bare.safetensors"), Buffer.concat(encodeSafetensors(tensors, {})));
  });

  test("is of the net that --arch describes, with its own widths", async () => {
    expect(await evaluate("bare.safetensors", "--arch", tiny)).toBe(
      await evaluate("full.safetensors"),
    );
    await train(
      "of-bare.safetensors",
      "wbwtab",
      "--arch",
      tiny,
      "--refine",
      at("bare.safetensors"),
    );
    const { manifest } = await loadCheckpoint(at("of-bare.safetensors"));
    expect(manifest && widthsOf(chainSpecOf(manifest.spec, "of-bare"))).toEqual([4, 8, 8, 6]);
  });

  test("is refused if its tensors do not match, and without --arch", async () => {
    for (const [flags, message] of [
      [["--arch", other], /bare\.safetensors: its tensors do not match tiny-1/],
      [[], /match no built-in net[\s\S]*--arch FILE\.json/],
    ] as const) {
      const argv = ["wqaq", ...RUN, "--refine", at("bare.safetensors"), ...flags];
      const { code, stderr } = await qprune(argv);
      expect(stderr).toMatch(message);
      expect(code).toBe(1);
    }
  });
});

describe("is refused with exit code 2 and nothing is written:", () => {
  const refused = async (argv: readonly string[], message: RegExp) => {
    const before = readdirSync(folder);
    const { code, stderr, stdout } = await qprune(argv);
    expect(stderr).toMatch(message);
    expect(stderr).toContain("hint:");
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([code, stdout]).toEqual([2, ""]);
    expect(readdirSync(folder)).toEqual(before);
  };
  const convs = (change: object) => ({
    name: "bad",
    convs: [TINY.convs[0], change, { kernel: 1 }],
  });

  test.each([
    ["gone.json", undefined, /gone\.json: there is no such file/],
    ["text.json", "convs: 3", /text\.json is not JSON: line 1, column 1: expected a value/],
    [
      "comma.json",
      '{\n  "name": "x",\n}',
      /is not JSON: line 3, column 1: expected a name in double/,
    ],
    ["empty.json", "", /empty\.json is not JSON/],
    [
      "big.json",
      `"${"x".repeat(2 ** 20)}"`,
      /big\.json has 1048578 bytes, more than the limit of 1048576/,
    ],
    ["list.json", [], /list\.json: expected an object, not a list/],
    ["key.json", convs({ width: 8, kernal: 3 }), /convs\[1\]: there is no field "kernal"/],
    [
      "type.json",
      convs({ width: 8, kernel: 3, groups: "2" }),
      /convs\[1\]\.groups: expected .*not "2"/,
    ],
    ["fit.json", convs({ width: 8, kernel: 3, groups: 3 }), /bad: .*convolution 1 has 3 groups/],
    ["name.json", { ...TINY, name: "nin" }, /name: nin is a built-in net with a different chain/],
    [
      "path.json",
      { ...TINY, name: "../up" },
      /name: expected 1 to 64 letters, digits, - and _, not/,
    ],
    [
      "lone.json",
      convs({ width: 8, kernel: 3, groups: 8 }),
      /convolution 1 has one input channel per group/,
    ],
    [
      "order.json",
      { ...TINY, name: "turned", order: "norm-activation-conv" },
      /turned needs binary activ/,
      "--A",
      "32",
    ],
    ["cfg.json", { ...TINY, name: "count" }, /count has 4 widths.*2 were given/, "--cfg", "1,2"],
    [
      "huge.json",
      { ...TINY, name: "huge" },
      /huge: .* the largest possible is 65536/,
      "--width",
      "1e6",
    ],
  ] as [string, unknown, RegExp, ...string[]][])("%s", async (name, content, message, ...flags) => {
    if (content !== undefined) write(name, content);
    await refused(["wbwtab", ...RUN, "--arch", at(name), ...flags], message);
  });

  test("a folder", async () => {
    mkdirSync(at("folder.json"));
    await refused(["wqaq", ...RUN, "--arch", at("folder.json")], /folder\.json is a folder/);
  });

  test("an unknown name, with the built-in names and the ending of paths", () =>
    refused(
      ["wqaq", ...RUN, "--arch", "resnet"],
      /--arch resnet: expected a built-in net, such as nin_gc, resnet20 or mobilenet_v2 \(docs\/nets\.md lists all\), or the path of a \.json file that describes a net/,
    ));
});

test("a description may start with a byte order mark", async () => {
  const marked = write("marked.json", `\uFEFF${JSON.stringify(TINY)}`);
  await train("marked.safetensors", "wqaq", "--arch", marked, "--max-steps", "0");
});

test("the help describes the values of --arch", async () => {
  const { stdout } = await qprune(["wqaq", "--help"]);
  expect(stdout.replace(/\s+/g, " ")).toContain(
    "net: nin, nin_gc, nin_bn_conv, resnet20, mobilenet_v2 or another net in docs/nets.md, or a FILE.json that describes one",
  );
});
