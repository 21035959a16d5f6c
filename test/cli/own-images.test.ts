import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import draw from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../src/checkpoint/checkpoint.js";
import { readTrainingState } from "../../src/checkpoint/training/training-state.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { drawClasses, drawImage, put } from "../data/image-folders/draw-images.js";
import { digitPng } from "./digit-png.js";
import { type CliRun, qprune } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-own-images-"));
const at = (name: string): string => join(folder, name);
const cacheBefore = process.env.XDG_CACHE_HOME;
beforeAll(async () => {
  await loadEngine({ engine: "native", notify: () => {} });
  // Only decoded images go there: the engine is loaded.
  process.env.XDG_CACHE_HOME = at("cache");
  await drawClasses(at("data/train"), 12);
  await drawClasses(at("data/val"), 4);
});
afterAll(() => {
  if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheBefore;
  rmSync(folder, { recursive: true, force: true });
});

const SMALL = [
  "--arch",
  "nin",
  "--width",
  "0.125",
  "--train_batch_size",
  "8",
  "--lr-drops",
  "none",
];
const train = (save: string, ...more: string[]) =>
  qprune([
    ...["wqaq", "--data", at("data"), ...SMALL, "--epochs", "2", "--json"],
    ...["--save", at(save), ...more],
  ]);
const lossesOf = ({ events }: Awaited<ReturnType<typeof qprune>>) =>
  events
    .filter(({ event }) => event === "epoch")
    .map(({ epoch, trainLoss, testLoss }) => [epoch, trainLoss, testLoss]);

describe("training on image folders", () => {
  test.each(["a.safetensors", "a.pth"])("records the class names in %s", async (name) => {
    const { code, events, stderr } = await train(name);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: "done" });
    const { manifest, net } = await loadCheckpoint(at(name));
    expect(net.classes).toBe(3);
    expect(manifest?.dataSet).toMatchObject({
      name: "images",
      classNames: ["apple", "leaf", "sky"],
      augmentation: { cropPadding: 0, mirror: true, resizedCrop: { minArea: 0.25 } },
    });
  });

  test("at another size makes nets for this size", async () => {
    const { code } = await train("b.safetensors", "--image-size", "48", "--max-steps", "2");
    expect(code).toBe(0);
    const { manifest } = await loadCheckpoint(at("b.safetensors"));
    expect(manifest?.spec.input).toEqual({ channels: 3, height: 48, width: 48 });
  });

  test("gives bit-identical losses with any number of workers", async () => {
    const none = lossesOf(await train("c.safetensors", "--num_workers", "0"));
    expect(lossesOf(await train("c.safetensors", "--num_workers", "2"))).toEqual(none);
    expect(lossesOf(await train("c.safetensors", "--crop", "padded"))).not.toEqual(none);
  });

  test("is followed by pruning, merging and testing with the net's own classes", async () => {
    const data = ["--data", at("data")];
    await train("d.safetensors");
    const tested = await qprune([
      ...["wqaq", "--evaluate", "--resume", at("d.safetensors"), "--json", ...data],
    ]);
    const { manifest } = await loadCheckpoint(at("d.safetensors"));
    expect(tested.events[0]).toMatchObject({ images: 12, testAccuracy: manifest?.accuracy });
    const merged = await qprune([
      ...["bn-merge", "--model", at("d.safetensors"), "--save", at("e.safetensors"), ...data],
    ]);
    expect(merged.code).toBe(0);
    expect(merged.stdout).toContain("12 images");
    const other = at("other");
    await drawClasses(join(other, "train"), 2, ["apple", "leaf", "sea"]);
    await drawClasses(join(other, "val"), 2, ["apple", "leaf", "sea"]);
    const refused = await qprune([
      ...["wqaq", "--evaluate", "--resume", at("d.safetensors"), "--data", other],
    ]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/not those of the net: it lacks sky and also has sea/);
  });

  test("is recorded, so that an export suggests a command with these images", async () => {
    await train("f.safetensors", "--max-steps", "1");
    const next = async (name: string, ...more: string[]) => {
      const save = ["--save", at(`${name}.packed.safetensors`), "--force"];
      const { stdout } = await qprune(["export", at(`${name}.safetensors`), ...save, ...more]);
      return /\nNext: (.*)\n$/.exec(stdout)?.[1];
    };
    const evaluate = (name: string): string =>
      `qprune wqaq --evaluate --resume ${at(`${name}.packed.safetensors`)}`;
    expect(await next("f")).toBe(`${evaluate("f")} --data ${at("data")}`);
    cpSync(at("f.safetensors"), at("moved.safetensors"));
    expect(await next("moved")).toBe(`${evaluate("moved")} --data DIR`);
    // A file made without a test does not record a folder, even if the default one exists.
    expect(existsSync("data")).toBe(true);
    expect(await next("f.packed")).toBe(`${evaluate("f.packed")} --data DIR`);
  });

  test("refuses a file with other classes, and names both", async () => {
    await train("three.safetensors", "--Wbits", "32", "--Abits", "32", "--max-steps", "1");
    await drawClasses(at("pets"), 6, ["cat", "dog"]);
    await drawClasses(at("three pets"), 6, ["cat", "dog", "apple"]);
    const refine = (name: string, ...more: string[]) =>
      qprune(["prune", "--refine", at("three.safetensors"), "--data", at(name), ...more]);
    const { code, stderr } = await refine("pets");
    expect(code).toBe(2);
    expect(stderr).toContain(
      `three.safetensors has 3 classes (apple, leaf, sky), but --data ${at("pets")} has 2 (cat, dog).`,
    );
    expect(stderr).toContain("hint: Set --data to the folder that has the classes of the file");
    // Training may continue on the same number of other classes, which is reported.
    const on = await refine("three pets", "--max-steps", "1", "--save", at("on.safetensors"));
    expect(on.code).toBe(0);
    expect(on.stderr).toContain(
      `three.safetensors has the classes apple, leaf, sky; trained on --data ${at("three pets")}, the net will have the classes apple, cat, dog.`,
    );
  });

  test("prints the net, a notice about the learning rate, and the next command with the images", async () => {
    const { stderr } = await qprune([
      ...["wbwtab", "--W", "3", "--data", at("data"), "--arch", "nin", "--width", "0.125"],
      ...["--epochs", "10", "--max-steps", "1", "--save", at("printed.safetensors")],
    ]);
    expect(stderr).toMatch(
      /^nin: weights ternary \(3\), activations binary \(2\)\n[\d.]+K parameters, [\d.]+M MACs, 10 epochs$/m,
    );
    expect(stderr).toContain(
      "The learning rate stays 0.01: its first drop, at epoch 80, is after the last epoch; --lr-drops 7 would lower it.",
    );
    await train("float.safetensors", "--Wbits", "32", "--Abits", "32", "--max-steps", "1");
    const pruned = await qprune([
      ...["normal-regular-prune", "--model", at("float.safetensors"), "--data", at("data")],
      ...["--save", at("pruned.safetensors")],
    ]);
    expect(pruned.stdout).toContain(
      `Next: qprune prune --refine ${at("pruned.safetensors")} --data ${at("data")}\n`,
    );
  });

  test("refuses a missing folder, a single class, and a net of your own images without its images", async () => {
    const refusal = async (...argv: string[]): Promise<string> => {
      const { code, stderr } = await qprune(["wqaq", ...argv]);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refusal("--data", at("nowhere"))).toContain(
      `There is no folder ${at("nowhere")}.`,
    );
    const single = await refusal("--data", at("data/train/sky"));
    expect(single).toContain("contains 12 images, but no class folders.");
    expect(single).toContain(`--data ${at("data/train")}`);
    await train("reported.safetensors", "--max-steps", "1");
    const empty = mkdtempSync(join(folder, "empty-"));
    const reported = await refusal("--refine", at("reported.safetensors"), "--data", empty);
    expect(reported).toContain(
      "was trained on your own images (apple, leaf, sky); there are none in",
    );
  });

  test("never suggests CIFAR for an image folder, whatever is wrong with it", async () => {
    for (const name of [
      "heic/cat/a.heic",
      "flat/a.gif",
      "deep/a/b/train/cat/1.jpg",
      "lone/cat/1.jpg",
    ]) {
      put(at(`odd/${name}`), "");
    }
    for (const name of ["heic", "flat", "deep", "lone"]) {
      const { code, stderr } = await qprune(["wqaq", "--data", at(`odd/${name}`)]);
      expect(code).toBe(2);
      expect(stderr).not.toMatch(/cifar/i);
    }
    const asked = await qprune(["wqaq", "--dataset", "cifar10", "--data", at("data")]);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain("data contains image files, not CIFAR-10.");
    expect(asked.stderr).toContain("hint: Train on them with --dataset images");
  });

  test("escapes control characters in names of classes and files", async () => {
    const evil = "\u001b]0;title\u0007\u202e\u009b2J";
    for (const part of ["train", "val"]) await drawClasses(at(`evil/${part}`), 4, [evil, "leaf"]);
    put(at(`evil/train/leaf/${evil}.txt`), "");
    put(at(`evil/train/leaf/${evil}.png`), "no image");
    const run = await train("evil.safetensors", ...["--data", at("evil"), "--max-damaged", "0.5"]);
    expect(run.code).toBe(0);
    const files = [at(`evil/val/${evil}/000.png`), at(`evil/train/leaf/${evil}.png`)];
    const predict = ["predict", at("evil.safetensors"), ...files];
    const runs = [run, await qprune(predict), await qprune([...predict, "--json"])];
    for (const { stdout, stderr } of runs) {
      expect(`${stdout}${stderr}`).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    }
    expect(run.stderr).toContain(
      "leaf/\\x1b]0;title\\x07\\u202e\\x9b2J.png: it is a text, not an image",
    );
    expect(runs[1]?.stdout).toContain("%  \\x1b]0;title\\x07\\u202e\\x9b2J\n");
    const predictions = (runs[2]?.events[0]?.predictions ?? []) as { class: string }[];
    const names = predictions.map((each) => each.class);
    expect(names.sort()).toEqual([evil, "leaf"].sort());
  });

  test("resumes exactly after an interruption, but not on changed images", async () => {
    const whole = lossesOf(await train("f.safetensors", "--epochs", "3"));
    const data = at("moving");
    cpSync(at("data"), data, { recursive: true });
    const first = await train("g.safetensors", "--data", data, "--epochs", "1");
    const resume = ["wqaq", "--resume", at("g.state.safetensors"), "--epochs", "3", "--json"];
    const rest = await qprune(resume);
    expect([...lossesOf(first), ...lossesOf(rest)]).toEqual(whole);
    put(join(data, "train/sky/000.png"), await drawImage([1, 2, 3], 20, 20));
    const more = [...resume, "--epochs", "4"];
    const refused = await qprune(more);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/are not the ones that .*g\.state\.safetensors was trained on/);
    expect((await qprune([...more, "--override"])).code).toBe(0);
  });

  test("refuses options for image folders with another data set", async () => {
    const { code, stderr } = await qprune([
      ...["wqaq", "--dataset", "digits", "--crop", "padded", "--save", at("h.safetensors")],
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain("--crop is for image folders, not for digits");
    const gone = await qprune(["wqaq", "--data", at("nowhere"), "--crop", "padded"]);
    expect(gone.stderr).toContain(`There is no folder ${at("nowhere")}.`);
    expect(gone.stderr).toContain("--data to a folder with one subfolder of images per class");
  });

  test("reports what is wrong with a folder in two lines", async () => {
    put(at("empty/train/cat/a.jpg"), "no image");
    put(at("empty/val/cat/a.jpg"), "no image");
    const { code, stderr } = await train("i.safetensors", "--data", at("empty"));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*single class cat.*\n {2}hint: .*\n$/);
  });
});

describe("--val-split", () => {
  const digits = ["wqaq", "--dataset", "digits", ...SMALL, "--train-limit", "200", "--json"];
  const splits = ["--val-split", "0.25", "--test-limit", "100", "--epochs", "2"];

  test("chooses the epoch by held-out images and tests the best net at the end", async () => {
    const save = ["--save", at("v.safetensors")];
    const { events, code } = await qprune([...digits, ...splits, ...save]);
    expect(code).toBe(0);
    const kinds = events.map(({ event }) => event).filter((kind) => kind !== "step");
    expect(kinds).toEqual(["epoch", "epoch", "evaluation", "done"]);
    const [epochs, tested, done] = [
      events.filter(({ event }) => event === "epoch"),
      events.find(({ event }) => event === "evaluation"),
      events.at(-1),
    ];
    expect(tested).toMatchObject({ images: 100 });
    const best = Math.max(...epochs.map(({ validationAccuracy }) => Number(validationAccuracy)));
    expect(done).toMatchObject({ bestAccuracy: best, testAccuracy: tested?.testAccuracy });
    const { manifest } = await loadCheckpoint(at("v.safetensors"));
    expect(manifest).toMatchObject({
      validationAccuracy: best,
      accuracy: tested?.testAccuracy,
      isFinished: true,
    });
    // 150 images stay for training: 19 batches of 8 an epoch, the last one smaller.
    expect(await stateSteps(at("v.state.safetensors"))).toBe(2 * 19);
  });

  test("holds out the same images for any number of workers and in a resumed run", async () => {
    const reported = ({ events }: Awaited<ReturnType<typeof qprune>>) =>
      events
        .filter(({ event }) => event === "epoch" || event === "evaluation")
        .map(({ trainLoss, validationLoss, testLoss }) => [trainLoss, validationLoss, testLoss]);
    const run = (save: string, ...more: string[]) =>
      qprune([...digits, ...splits, "--save", at(save), ...more]);
    const whole = reported(await run("w.safetensors", "--num_workers", "0"));
    expect(reported(await run("w.safetensors", "--num_workers", "2"))).toEqual(whole);
    await run("x.safetensors", "--epochs", "1");
    const state = ["wqaq", "--resume", at("x.state.safetensors"), "--json"];
    const rest = await qprune([...state, "--epochs", "2"]);
    expect(reported(rest)).toEqual(whole.slice(1));
    const again = await qprune([...state, "--epochs", "2"]);
    expect(reported(again)).toEqual(whole.slice(1));
    expect((await qprune([...state, "--val-split", "0.5"])).code).toBe(2);
  });

  test("prints which images each line is about", async () => {
    const { stdout } = await qprune([
      ...digits.filter((each) => each !== "--json"),
      ...[...splits, "--save", at("y.safetensors")],
    ]);
    expect(stdout).toMatch(/^Validation set: Average loss: .*\/50 /m);
    expect(stdout).toMatch(/^Test set: Average loss: .*\/100 /m);
    expect(stdout).toMatch(
      /^(Input alone: \d+ images\/s\n)?Training: \d+ images\/s, waiting for images \d+\.\d% of the time$/m,
    );
  });

  test.each(["0", "1", "many"])("refuses the fraction %s", async (share) => {
    const { code, stderr } = await qprune([...digits, "--val-split", share]);
    expect(code).toBe(2);
    expect(stderr).toContain("expected a fraction between 0 and 1");
  });
});

/** Steps that a training state has seen. */
const stateSteps = async (path: string): Promise<number> => {
  return (await readTrainingState(path))?.optimizerStep ?? Number.NaN;
};

describe("qprune predict", () => {
  beforeAll(async () => {
    await train("p.safetensors", "--epochs", "12");
    put(at("red.webp"), await drawImage([200, 30, 30], 300, 200, "webp"));
    put(at("blue.jpg"), await drawImage([30, 30, 200], 17, 40, "jpg"));
    put(at("grey.png"), await draw(at("red.webp")).greyscale().png().toBuffer());
    put(at("broken.jpg"), "no image");
  });

  test("prints the classes of images of any size, most probable first", async () => {
    const { code, stdout } = await qprune([
      ...["predict", at("p.safetensors"), at("red.webp"), at("blue.jpg")],
    ]);
    expect(code).toBe(0);
    const lines = stdout.split("\n");
    expect(lines).toHaveLength(2 * 4 + 1);
    expect(lines[0]).toBe(at("red.webp"));
    expect(lines[1]).toMatch(/^ +\d+\.\d\d% {2}apple$/);
    expect(lines[5]).toMatch(/^ +\d+\.\d\d% {2}sky$/);
  });

  test("gives the same probabilities one by one and in batches, with a sum of 1", async () => {
    const names = [at("red.webp"), at("blue.jpg"), at("grey.png")];
    const runs: CliRun["events"][] = [];
    for (const size of ["1", "2", "64"]) {
      const predict = ["predict", at("p.safetensors"), ...names, "--json", "--batch-size", size];
      runs.push((await qprune(predict)).events);
    }
    const probabilities = (events: CliRun["events"] | undefined) =>
      (events ?? []).flatMap(({ predictions }) =>
        (predictions as { probability: number }[]).map(({ probability }) => probability),
      );
    expect(probabilities(runs[0])).toHaveLength(9);
    for (const run of runs) {
      probabilities(run).forEach((probability, place) => {
        // The engine may sum in another order for another batch.
        expect(probability).toBeCloseTo(probabilities(runs[0])[place] as number, 4);
      });
    }
    const sum = probabilities(runs[0]).reduce((total, each) => total + each, 0);
    expect(sum).toBeCloseTo(3, 10);
  });

  test("reports damaged images, predicts the others, and exits with 1", async () => {
    const names = [at("broken.jpg"), at("red.webp"), at("nowhere.png"), folder];
    const { code, stdout, stderr } = await qprune(["predict", at("p.safetensors"), ...names]);
    expect(code).toBe(1);
    expect(stdout).toContain("apple");
    expect(stderr).toContain("broken.jpg cannot be read: it is a text, not an image");
    expect(stderr).toContain("nowhere.png cannot be read: there is no such file");
    expect(stderr).toContain(`${folder} cannot be read: it is a folder; its images are `);
    expect(stderr).toContain("error: 3 of 4 named images could not be read.");
    expect(stderr).toContain("hint: The reasons are above; the other was classified.");
    const { events } = await qprune(["predict", at("p.safetensors"), ...names, "--json"]);
    expect(events.map(({ error }) => error === undefined)).toEqual([false, true, false, false]);
  });

  test("reports a folder, with the command for the images in it", async () => {
    await drawClasses(at("my photos"), 1, ["leaf"]);
    const reported = async (name: string): Promise<string> => {
      const { stderr, code } = await qprune(["predict", at("p.safetensors"), name]);
      expect(code).toBe(1);
      return stderr;
    };
    const inner = `'${at("my photos/leaf")}'/*.png`;
    const leaves = await reported(at("my photos/leaf"));
    expect(leaves).toContain(`leaf cannot be read: it is a folder; its images are ${inner}\n`);
    expect(leaves).toContain("error: 1 of 1 named images could not be read.");
    expect(leaves).toContain(
      `hint: The reasons are above; nothing was classified. Images in folders: qprune predict ${at("p.safetensors")} ${inner}\n`,
    );
    expect(await reported(`${at("my photos")}/`)).toContain(
      `images are '${at("my photos")}'/*/*.png`,
    );
    put(at("nothing/here.txt"), "no image");
    expect(await reported(at("nothing"))).toContain("it is a folder without images\n");
  });

  test("gives the same prediction for a digit and for an image file of it", async () => {
    const save = at("digits.safetensors");
    const short = ["--train-limit", "400", "--test-limit", "50", "--epochs", "2", "--quiet"];
    await qprune(["wqaq", "--dataset", "digits", ...SMALL, ...short, "--save", save]);
    put(at("digit.png"), await digitPng(7));
    const { events, code } = await qprune([
      ...["predict", save, "digits:7", at("digit.png"), "--json", "--top", "10"],
      // Alone: the engine sums in an order that depends on the place in the batch.
      ...["--batch-size", "1"],
    ]);
    expect(code).toBe(0);
    expect(events[1]?.predictions).toEqual(events[0]?.predictions);
  });

  test("reads converted, exported and packed files too", async () => {
    for (const argv of [
      ["convert", at("p.safetensors"), at("p.pth"), "--force"],
      [
        "export",
        at("p.safetensors"),
        "--format",
        "packed",
        "--save",
        at("q.safetensors"),
        "--no-test",
      ],
      ["bn-merge", "--model", at("p.safetensors"), "--save", at("m.safetensors"), "--no-test"],
    ]) {
      expect((await qprune(argv)).code).toBe(0);
    }
    for (const name of ["p.pth", "q.safetensors", "m.safetensors"]) {
      const { stdout } = await qprune(["predict", at(name), at("red.webp"), "--top", "1"]);
      expect(stdout).toMatch(/% {2}apple\n$/);
    }
  });
});
