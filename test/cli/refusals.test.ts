import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadEngine } from "../../src/engine/load-engine.js";
import { qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-refusals-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const RECORD_BYTES = 3073;
/** CIFAR-10 files of ten images each. */
const makeCifar = (name: string): string => {
  mkdirSync(at(name));
  const record = (label: number) =>
    Buffer.concat([Buffer.from([label]), Buffer.alloc(RECORD_BYTES - 1, 99)]);
  const file = Buffer.concat(Array.from({ length: 10 }, (_, label) => record(label)));
  for (const each of [
    "data_batch_1",
    "data_batch_2",
    "data_batch_3",
    "data_batch_4",
    "data_batch_5",
    "test_batch",
  ])
    writeFileSync(join(at(name), `${each}.bin`), file);
  return at(name);
};

const expectRefusal = async (
  argv: readonly string[],
  code: number,
  message: RegExp,
): Promise<void> => {
  const run = await qprune(["wqaq", ...argv]);
  expect(run.stderr).toMatch(message);
  expect(run.code).toBe(code);
  expect(run.stdout).toBe("");
  expect(run.stderr).toContain("hint:");
  expect(run.stderr).not.toMatch(/\n\s+at /);
};

describe("a wrong call is refused with exit code 2:", () => {
  test.each([
    [["--quiet", "yes"], /too many arguments[\s\S]*hint: --quiet takes no value; omit yes/],
    [["-lr", "0.1"], /unknown option '-lr'[\s\S]*hint: did you mean --lr\?/],
    [["--Wbit", "4"], /unknown option '--Wbit'[\s\S]*Did you mean --Wbits/],
    [
      ["--train_batchsize", "4"],
      /unknown option '--train_batchsize'[\s\S]*Did you mean --train_batch_size/,
    ],
    [["--Wbits", "9"], /--Wbits 9: expected a whole number from 1 to 8, or 32/],
    [["--Wbits", "4.5"], /--Wbits 4.5: expected a whole number/],
    [["--Abits", "0"], /--Abits 0: expected/],
    [["--lr", "abc"], /--lr abc: expected a number above 0/],
    [["--lr", "0"], /--lr 0: expected a number above 0/],
    [["--epochs", "0"], /--epochs 0: expected a whole number of at least 1/],
    [["--train_batch_size", "0"], /--train_batch_size 0: expected a whole number of at least 1/],
    [["--lr-drops", "80,x"], /--lr-drops 80,x: expected epochs separated by commas/],
    [["--arch", "vgg"], /--arch vgg: expected a built-in net, such as nin_gc/],
    [["--cfg", "1,2"], /nin_gc has 8 widths/, "--dataset", "digits"],
    [
      ["--width", "0.5", "--cfg", "1"],
      /--cfg and --width both set the widths/,
      "--dataset",
      "digits",
    ],
    [["--evaluate"], /--evaluate needs a file/],
    [["extra"], /too many arguments/],
  ] as [string[], RegExp, ...string[]][])("%j", async (flags, message, ...more) => {
    await expectRefusal([...flags, ...more], 2, message);
  });

  test.each([
    [["export", "--model", "a.pth"], "did you mean FILE without a flag or --arch?"],
    [["summary", "--file", "a.pth"], "did you mean FILE without a flag?"],
    [["convert", "--in", "a.pth", "--out", "b.pth"], "did you mean IN without a flag?"],
  ])("%j: arguments are reported by their own names", async (argv, hint) => {
    const { code, stderr } = await qprune(argv);
    expect(stderr).toContain(`hint: ${hint}\n`);
    expect(code).toBe(2);
  });

  const LONG = "long".repeat(80);
  test.each([
    ["wqaq", "--data", LONG],
    ["wqaq", "--arch", `${LONG}.json`],
    ["wqaq", "--save", `${LONG}.safetensors`],
    ["wqaq", "--resume", at(LONG)],
    ["wqaq", "--log-dir", "ä".repeat(128)],
    ["bn-merge", "--dump", LONG],
    ["gc-prune", "--plan", `${LONG}.json`],
    ["compare", "--html", `${LONG}.html`],
    ["wqaq", "--data", "folder/".repeat(600)],
  ])("impossible names are reported with their flag: %s %s", async (command, flag, name) => {
    const files = command === "compare" ? ["a.safetensors", "b.safetensors"] : [];
    const { code, stderr } = await qprune([command, ...files, flag, name]);
    expect(stderr).toMatch(new RegExp(`^error: ${flag} [^\n]{1,120}: expected a shorter name`));
    expect(stderr).not.toMatch(/ENAMETOOLONG|this is unexpected/);
    expect(code).toBe(2);
  });

  test("a name with NUL, with its flag", () =>
    expectRefusal(["--data", "a\0b"], 2, /--data a\\0b: expected a name without NUL characters/));

  test("of several names, the one that is too long", async () => {
    const images = ["digits:1", LONG, "digits:2"];
    const { stderr } = await qprune(["predict", "net.safetensors", ...images]);
    expect(stderr).toMatch(/^error: images long[a-z]{76}… \(320 characters\): expected a shorter/);
  });

  test("a --save folder that does not exist", () =>
    expectRefusal(
      ["--dataset", "digits", "--save", at("no/where.safetensors")],
      2,
      /The folder of --save does not exist/,
    ));

  test("… with a quoted command that creates it", () =>
    expectRefusal(
      ["--dataset", "digits", "--save", "my nets/of $today/net.safetensors"],
      2,
      /hint: Create it first: mkdir -p 'my nets\/of \$today'\n/,
    ));

  test("a --save in something that is not a folder", async () => {
    writeFileSync(at("file"), "");
    await expectRefusal(
      ["--dataset", "digits", "--save", at("file/x.safetensors")],
      2,
      /is not a folder|does not exist/,
    );
  });

  test("a --save that is a folder", async () => {
    mkdirSync(at("net.safetensors"));
    await expectRefusal(["--dataset", "digits", "--save", at("net.safetensors")], 2, /is a folder/);
  });

  test("missing data, with advice", async () => {
    mkdirSync(at("empty"));
    await expectRefusal(
      ["--data", at("empty")],
      2,
      /data_batch_1\.bin[\s\S]*--dataset digits .*; --data DIR also accepts your own images, one folder per class\./,
    );
  });

  test("a folder of images that does not exist, with advice on such folders", async () => {
    await expectRefusal(
      ["--data", at("photos"), "--image-size", "64"],
      2,
      /There is no folder .*photos\.[\s\S]*one subfolder of images per class .*--download to fetch CIFAR-10/,
    );
  });
});

describe("unusable data is refused with exit code 1:", () => {
  test("a truncated CIFAR file", async () => {
    const data = makeCifar("truncated");
    truncateSync(join(data, "data_batch_2.bin"), 10 * RECORD_BYTES - 1000);
    await expectRefusal(["--data", data], 1, /data_batch_2\.bin.*29730/);
  });

  test("a label out of range", async () => {
    const data = makeCifar("label");
    writeFileSync(join(data, "test_batch.bin"), Buffer.alloc(RECORD_BYTES * 2, 77));
    await expectRefusal(["--data", data], 1, /label 77/);
  });
});

describe("unsuitable files are refused:", () => {
  beforeAll(async () => {
    await loadEngine({ engine: "native", notify: () => {} });
    await qprune([
      "wqaq",
      "--dataset",
      "digits",
      "--arch",
      "nin",
      "--width",
      "0.1",
      "--train-limit",
      "50",
      "--test-limit",
      "50",
      "--max-steps",
      "0",
      "--save",
      at("ten.safetensors"),
      "--quiet",
    ]);
  });

  test("a file with another number of classes", async () => {
    mkdirSync(at("cifar-100"));
    const record = Buffer.alloc(3074, 5);
    writeFileSync(join(at("cifar-100"), "train.bin"), record);
    writeFileSync(join(at("cifar-100"), "test.bin"), record);
    await expectRefusal(
      ["--dataset", "cifar100", "--data", at("cifar-100"), "--refine", at("ten.safetensors")],
      2,
      /ten\.safetensors has 10 classes \(0, 1, 2, 3, 4 and 5 more\), but cifar100 has 100 \(apple, .* and 95 more\)/,
    );
  });

  test("a missing file, and one that is not a checkpoint", async () => {
    await expectRefusal(
      ["--dataset", "digits", "--refine", at("gone.safetensors")],
      1,
      /gone\.safetensors/,
    );
    writeFileSync(at("junk.safetensors"), "not a checkpoint at all");
    await expectRefusal(
      ["--dataset", "digits", "--refine", at("junk.safetensors")],
      1,
      /junk\.safetensors/,
    );
  });
});

test("no error leaves a file", () => {
  expect(
    readdirSync(folder).filter((name) => name.includes("previous") || name.includes("tmp")),
  ).toEqual([]);
});
