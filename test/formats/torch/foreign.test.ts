import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import type { StoredTensor } from "../../../src/formats/safetensors/stored-tensor.js";
import { numbersOf } from "../../../src/formats/safetensors/tensor-values.js";
import { parsePth } from "../../../src/formats/torch/read-pth.js";
import { join, text } from "../pickle/pickle-bytes.js";
import { dictPart, floats, tensorPart, torchLegacy, torchZip } from "./torch-file.js";

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`fixtures/${name}.pth`, import.meta.url)));

const NAMES = [
  "0.weight",
  "0.bias",
  "1.weight",
  "1.bias",
  "1.running_mean",
  "1.running_var",
  "1.num_batches_tracked",
];
const numbers = (tensor: StoredTensor | undefined): number[] =>
  Array.from((tensor && numbersOf(tensor)) ?? []);

const refusal = async (bytes: Uint8Array, key?: string): Promise<QpruneError> => {
  const error = await parsePth(bytes, "net.pth", key).then(
    () => new Error("was accepted"),
    (reason: unknown) => reason,
  );
  if (error instanceof QpruneError) return error;
  throw error;
};

const MATRIX = tensorPart({ elements: 4, shape: [2, 2], strides: [2, 1] });
const storages = { 0: floats(1, 2, 3, 4) };
const zip = (root: Uint8Array): Buffer => torchZip({ root, storages });
const net = dictPart({ w: MATRIX });
/** An object of a class that has the state of its attributes. */
const object = (type: string, state: Uint8Array): Buffer => join(`c${type}\n)`, 0x81, state, "b");

describe("a training checkpoint of PyTorch is read", () => {
  test("with an optimizer's state and a scheduler that counts its milestones", async () => {
    const { tensors, metadata } = await parsePth(fixture("training"), "x");
    expect([[...tensors.keys()], metadata]).toEqual([NAMES, {}]);
    expect(numbers(tensors.get("1.num_batches_tracked"))).toEqual([1]);
  });

  test.each(["objects", "objects-legacy", "objects-protocol-4"])(
    "with objects of Python, PyTorch and NumPy (%s)",
    async (name) => {
      const { tensors } = await parsePth(fixture(name), "x");
      expect([...tensors.keys()]).toEqual(NAMES);
      expect(numbers(tensors.get("1.weight"))).toEqual([1, 1]);
    },
  );

  test("with tensors of every type", async () => {
    const { tensors } = await parsePth(fixture("types"), "x");
    expect([...tensors].map(([name, { dtype }]) => [name, dtype])).toEqual([
      ["half", "F16"],
      ["brain", "BF16"],
      ["byte", "U16"],
      ["float8", "F8_E4M3"],
      ["complex", "C64"],
      ["parameter", "F32"],
      ["transposed", "F32"],
    ]);
    expect(numbers(tensors.get("byte"))).toEqual([0, 1, 2, 3]);
    expect(numbers(tensors.get("transposed"))).toEqual([0, 3, 1, 4, 2, 5]);
  });

  test("from a big-endian machine", async () => {
    const swapped = Buffer.from(floats(1, 2, 3, 4)).swap32();
    const more = { "f/byteorder": Buffer.from("big") };
    const { tensors } = await parsePth(
      torchZip({ root: net, storages: { 0: swapped }, more }),
      "x",
    );
    expect(numbers(tensors.get("w"))).toEqual([1, 2, 3, 4]);
  });

  test("with the extra state of a module", async () => {
    const root = dictPart({ w: MATRIX, "conv._extra_state": join("N") });
    expect([...(await parsePth(zip(root), "x")).tensors.keys()]).toEqual(["w"]);
  });

  test.each([
    ["settings of another program", dictPart({ lr: join("K", 1) })],
    ["an object", object("argparse\nNamespace", join("}"))],
    ["a list of objects", join("]", object("numpy\nint64", join("}")), "a")],
  ])("if cfg is %s", async (_, cfg) => {
    const { cfg: read } = await parsePth(zip(dictPart({ cfg, state_dict: net })), "x");
    expect(read).toBeUndefined();
  });
});

describe("the state dict is", () => {
  test.each(["net", "model", "model_state_dict", "weights", "ema", "anything"])(
    "the only dict of tensors, under %s",
    async (name) => {
      const root = dictPart({ epoch: join("K", 3), [name]: net });
      expect([...(await parsePth(zip(root), "x")).tensors.keys()]).toEqual(["w"]);
    },
  );

  test("found in nested dicts, lists and tuples", async () => {
    const inner = dictPart({ a: join("]", dictPart({ b: net }), "a") });
    const root = join("(", join("K", 1), inner, "t");
    expect([...(await parsePth(zip(root), "x")).tensors.keys()]).toEqual(["w"]);
  });

  test("the net's, not an optimizer's or that of metrics", async () => {
    const number = tensorPart({ elements: 4, shape: [], strides: [] });
    const root = dictPart({
      adam: dictPart({ state: dictPart({ 0: net }), param_groups: join("]") }),
      optim_moments: dictPart({ "w.exp_avg": MATRIX }),
      metrics: dictPart({ loss: number }),
      model: net,
    });
    expect([...(await parsePth(zip(root), "x")).tensors.keys()]).toEqual(["w"]);
  });

  test("the value of state_dict, as the reference scripts save it, whatever else the file contains", async () => {
    const other = dictPart({ other: MATRIX });
    const root = dictPart({ state_dict_ema: other, state_dict: net });
    expect([...(await parsePth(zip(root), "x")).tensors.keys()]).toEqual(["w"]);
  });

  test("the only one, even if two names refer to it", async () => {
    const root = join("}(", text("model"), net, "q", 9, text("net"), "h", 9, "u");
    expect([...(await parsePth(zip(root), "x")).tensors.keys()]).toEqual(["w"]);
  });

  test("asked for if there are several, with their names", async () => {
    const { message, code, details, kind } = await refusal(fixture("model-and-ema"));
    expect(message).toMatch(/contains 2 dicts of tensors: "model", "ema\.shadow"/);
    expect([code, details, kind]).toEqual(["several-state-dicts", { key: "model" }, "usage"]);
  });

  test.each(["ema.shadow", "ema"])("the value at the key %s", async (key) => {
    const { tensors } = await parsePth(fixture("model-and-ema"), "x", key);
    expect(numbers(tensors.get("0.bias"))).toEqual([1, 1]);
  });

  test("the value at a key with numbers or dots in its parts", async () => {
    const other = dictPart({ other: MATRIX });
    const list = zip(join("](", net, other, "e"));
    expect([...(await parsePth(list, "x", "1")).tensors.keys()]).toEqual(["other"]);
    const dots = zip(dictPart({ "a.b": net, a: dictPart({ b: other }) }));
    expect([...(await parsePth(dots, "x", "a.b")).tensors.keys()]).toEqual(["w"]);
  });

  test("not found under a missing key", async () => {
    const { message, hint } = await refusal(fixture("model-and-ema"), "emo\u001b[31m");
    expect(message).toBe('net.pth has nothing under the key "emo\\u001b[31m".');
    expect(hint).toMatch(/"model", "ema\.shadow"/);
  });
});

describe("a PyTorch file is refused because of its content:", () => {
  test.each([
    [
      "a whole model of the old format",
      "whole-model-legacy",
      /it is a whole model \(torch\.nn\S+Sequential\)/,
    ],
    ["a whole model in a dict", "whole-model-in-dict", /under "model" it contains a whole model/],
    ["TorchScript", "torchscript", /it is a TorchScript archive/],
  ])("%s", async (_, name, message) => {
    const error = await refusal(fixture(name));
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/torch\.save\(.*state_dict\(\)/);
  });

  const call = (name: string): Buffer => join(`c${name}\n)R`);
  const SPARSE = call("torch._utils\n_rebuild_sparse_tensor");
  test.each([
    ["one tensor", MATRIX, /one tensor of shape \[2,2\]/],
    ["a list of tensors", join("](", MATRIX, MATRIX, "e"), /a list of 2 values, 2 of them tensors/],
    ["a sparse tensor", dictPart({ w: MATRIX, s: SPARSE }), /"s" is a sparse tensor/],
    [
      "quantized tensors",
      dictPart({ w: call("torch._utils\n_rebuild_qtensor") }),
      /"w" is a quantized/,
    ],
    [
      "an object among tensors",
      dictPart({ w: MATRIX, o: call("a\nB") }),
      /"o" .*its class is a\.B/,
    ],
    ["a text", text("hello"), /a plain value/],
    [
      "an optimizer alone",
      dictPart({ state: dictPart({ 0: net }), param_groups: join("]") }),
      /keys "state"/,
    ],
    [
      "keys other than strings",
      join("}(", text("w"), MATRIX, "NNu"),
      /not every key .* is a string/,
    ],
  ] as [string, Uint8Array, RegExp][])("%s", async (_, root, message) => {
    expect((await refusal(zip(root))).message).toMatch(message);
  });

  test.each([
    "posix\nsystem",
    "os\npopen",
    "nt\nsystem",
    "subprocess\nPopen",
    "commands\nPopen",
    "builtins\neval",
    "__builtin__\nexec",
    "builtins\n__import__",
    "importlib\nimport_module",
    "runpy\n_run_code",
    "socket\ncreate_connection",
    "torch\nload",
    "torch.hub\nload",
    "types\nFunctionType",
    "shutil\nrmtree",
    "operator\nattrgetter",
  ])("a function that would attack anyone who loads it in Python: %j", async (name) => {
    const root = dictPart({ state_dict: net, x: call(name) });
    const [module = "", function_ = ""] = name.split("\n");
    expect((await refusal(zip(root))).message).toContain(`refers to ${module}.${function_}, which`);
    expect((await refusal(torchLegacy(root, []))).message).toContain(`${module}.${function_}`);
  });
});

describe("placeholders stay small and are not nested:", () => {
  const many = (count: number, unit: (at: number) => Uint8Array): Buffer =>
    join("](", ...Array.from({ length: count }, (_, at) => unit(at)), "e");

  test("a limit on distinct names", async () => {
    const root = many(10_001, (at) => join(`ca${at}\nb\n`));
    expect((await refusal(zip(root))).message).toMatch(/more than 10000 names/);
  });

  test("a limit on objects of one class", async () => {
    const objects = (count: number) => join("]", "ca\nB\nq", 0, "0", "h\0)\x81a".repeat(count));
    expect((await refusal(zip(objects(200_000)))).message).toMatch(/a list of 200000 values/);
    expect((await refusal(zip(objects(600_000)))).message).toMatch(/more than 500000 objects/);
  });

  test("states that are set repeatedly, even to the object itself, are dropped", async () => {
    const self = join("ca\nB\n)", 0x81, "q", 1, ...Array.from({ length: 1000 }, () => "h\x01b"));
    const root = dictPart({ state_dict: net, x: self });
    expect((await parsePth(zip(root), "x")).tensors.size).toBe(1);
  });

  test("endlessly nested dicts hide no state dict and need no call stack", async () => {
    const depth = 20_000;
    const deep = join(
      ...Array.from({ length: depth }, () => join("}", text("a"))),
      net,
      "s".repeat(depth),
    );
    expect((await refusal(zip(deep))).message).toMatch(/no dict of tensors/);
    const cyclic = join("}q", 0, text("a"), "h", 0, "s");
    expect((await refusal(zip(cyclic))).message).toMatch(/no dict of tensors/);
  });
});
