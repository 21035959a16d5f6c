import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { QpruneError } from "../../../../src/base/errors.js";
import { listFolder } from "../../../../src/data/image-folders/listing/list-parts.js";
import { put } from "../draw-images.js";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "qprune-layout-"));
});
afterEach(() => {
  execFileSync("chmod", ["-R", "u+rwx", root]);
  rmSync(root, { recursive: true, force: true });
});

/** Makes files, which are not decoded here; an ending slash makes an empty folder. */
const lay = (...names: string[]): void => {
  for (const name of names) {
    if (name.endsWith("/")) mkdirSync(join(root, name), { recursive: true });
    else put(join(root, name), "");
  }
};

/** Two images for each class of a folder. */
const layClasses = (folder: string, ...classes: string[]): void => {
  for (const name of classes) lay(join(folder, name, "1.jpg"), join(folder, name, "2.jpg"));
};

const list = async (parts: "train and test" | "test only" = "train and test") => {
  const lines: string[] = [];
  const where = { directory: root, parts, trainLimit: 100, testLimit: 100 };
  const lists = await listFolder(where, { notify: (line) => lines.push(line) });
  const notes = [...lines, ...(lists.train?.notes ?? []), ...lists.test.notes].join("\n");
  const names = ({ byClass }: { byClass: readonly (readonly { name: string }[])[] }) =>
    byClass.map((images) => images.map(({ name }) => name));
  return { ...lists, notes, trained: names(lists.train ?? lists.test), tested: names(lists.test) };
};

const refusal = async (parts?: "test only"): Promise<string> => {
  const error = await list(parts).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof QpruneError)) throw new Error(`not refused: ${error}`);
  expect(error.kind).toBe("usage");
  expect(error.message).not.toContain("CIFAR");
  return `${error.message} ${error.hint}`;
};

describe("parts", () => {
  test.each([
    ["train", "valid"],
    ["train", "validation"],
    ["Train", "Test"],
    ["TRAIN", "VAL"],
    ["training", "testing"],
    ["training_set", "test_set"],
  ])("may be called %s and %s", async (train, other) => {
    layClasses(train, "cat", "dog");
    lay(`${other}/cat/3.jpg`, `${other}/dog/4.jpg`);
    const { trained, tested } = await list();
    expect(trained[0]).toEqual(["cat/1.jpg", "cat/2.jpg"]);
    expect(tested).toEqual([["cat/3.jpg"], ["dog/4.jpg"]]);
  });

  test("that are not used are named, and so are images next to them", async () => {
    for (const part of ["train", "val", "test"]) layClasses(part, "cat", "dog");
    lay("logo.png");
    expect((await list()).notes).toMatch(
      /^Not used in .*: test\/, logo\.png\. The test images are those in val\/\./,
    );
  });

  test("of which one is missing are refused, naming the existing folders", async () => {
    layClasses("train", "cat", "dog");
    layClasses("holdout", "cat", "dog");
    expect(await refusal()).toMatch(
      /has train\/, but no folder for testing \(it also has holdout\/\)/,
    );
  });

  test("without training images can only be tested on", async () => {
    layClasses("test", "cat", "dog");
    expect((await list("test only")).tested).toHaveLength(2);
    expect(await refusal()).toMatch(/has test\/, but no folder for training: expected train\//);
  });

  test("for training that are two are refused", async () => {
    for (const part of ["train", "training", "val"]) layClasses(part, "cat", "dog");
    expect(await refusal()).toMatch(/2 folders for training: train, training/);
  });

  test("that contain images without class folders are refused and not read as classes", async () => {
    lay("train/1.jpg", "train/2.jpg", "test/3.jpg");
    expect(await refusal()).toMatch(/test contains an image, but no class folders/);
  });

  test("with other names are not read as classes", async () => {
    for (const part of ["seg_train", "seg_test"]) layClasses(part, "cat", "dog");
    expect(await refusal()).toMatch(
      /seg_test, seg_train look like parts .* Rename them to train and val/,
    );
  });

  test("are not found if one of several classes is called train", async () => {
    layClasses(".", "train", "car");
    expect((await list()).train?.classNames).toEqual(["car", "train"]);
  });

  test.each(["jpeg", "JPEG", "jfif", "JPE", "gif", "TIF", "tiff", "avif"])(
    "hold images that end in .%s",
    async (ending) => {
      for (const name of ["train/cat/1", "train/dog/2", "val/cat/3", "val/dog/4"]) {
        lay(`${name}.${ending}`);
      }
      expect((await list()).trained).toEqual([[`cat/1.${ending}`], [`dog/2.${ending}`]]);
    },
  );
});

describe("a class", () => {
  test("includes the images of its subfolders and names these", async () => {
    layClasses("train", "cat/indoor", "cat/outdoor/night", "dog");
    layClasses("val", "cat", "dog");
    symlinkSync(join(root, "train"), join(root, "train/dog/up"));
    const { trained, notes } = await list();
    expect(trained[0]).toHaveLength(4);
    expect(trained[0]?.[2]).toBe("cat/outdoor/night/1.jpg");
    // The link leads to a folder around it.
    expect(trained[1]).toEqual(["dog/1.jpg", "dog/2.jpg"]);
    expect(notes).toMatch(/belong to the class: cat\/indoor, cat\/outdoor$/);
  });

  test("excludes images outside the class folders and names them", async () => {
    layClasses(".", "cat", "dog");
    lay("3.jpg", "4.jpg");
    expect((await list()).notes).toMatch(/are in no class folder: 3\.jpg, 4\.jpg$/);
  });

  test("that contains parts is refused with the expected layout", async () => {
    layClasses(".", "cat/train", "cat/val", "dog/train", "dog/val");
    expect(await refusal()).toMatch(/cat contains train, val, .*: train\/CLASS and val\/CLASS/);
  });

  test("is refused if the right folder is one level deeper, and the error names it", async () => {
    for (const part of ["train", "val"]) layClasses(`flowers/${part}`, "rose", "tulip");
    expect(await refusal()).toContain(`Give the folder ${join(root, "flowers")}.`);
    rmSync(join(root, "flowers"), { recursive: true });
    layClasses("PetImages", "cat", "dog");
    const message = await refusal();
    expect(message).toContain("single class PetImages");
    expect(message).toContain(
      `If PetImages/cat, PetImages/dog are the classes, use the folder ${join(root, "PetImages")}`,
    );
  });

  test.each(["HEIC", "bmp"])("of %s files alone is refused by its format", async (format) => {
    layClasses(".", "cat");
    lay(`dog/1.${format}`, `dog/2.${format}`);
    expect(await refusal()).toMatch(
      new RegExp(`the class dog has no images but ${format.toUpperCase()} files, .* Convert them`),
    );
  });

  test("is the same in both parts, however its accents are stored", async () => {
    layClasses("train", "cafe\u0301", "tea");
    layClasses("val", "caf\u00e9", "tea");
    const { train, tested } = await list();
    expect(train?.classNames).toEqual(["caf\u00e9", "tea"]);
    expect(tested[0]).toEqual(["caf\u00e9/1.jpg", "caf\u00e9/2.jpg"]);
  });

  test("is not a folder of a system: a zip archive of macOS, a repaired disk", async () => {
    layClasses(".", "cat", "dog");
    lay("__MACOSX/cat/1.jpg", "lost+found/", ".ipynb_checkpoints/1.jpg");
    expect((await list()).train?.classNames).toEqual(["cat", "dog"]);
  });
});

describe("no class vanishes without notice:", () => {
  const whole = (): void => layClasses(".", "cat", "dog");

  test("a link to nowhere is refused", async () => {
    whole();
    symlinkSync("../gone/bird", join(root, "bird"));
    expect(await refusal()).toMatch(
      /bird cannot be read: it is a link to \.\.\/gone\/bird, which does not/,
    );
  });

  test("links in a circle are refused", async () => {
    whole();
    symlinkSync("bird", join(root, "fish"));
    symlinkSync("fish", join(root, "bird"));
    expect(await refusal()).toMatch(/bird cannot be read: its links are circular/);
  });

  test("a part that is a link to nowhere is refused", async () => {
    layClasses("train", "cat", "dog");
    layClasses("test", "cat", "dog");
    symlinkSync("../gone", join(root, "val"));
    expect(await refusal()).toMatch(/val cannot be read: it is a link to \.\.\/gone/);
  });

  test.runIf(process.platform === "linux")("a name that is not UTF-8 is refused", async () => {
    whole();
    mkdirSync(Buffer.concat([Buffer.from(`${root}/k`), Buffer.from([0xe4]), Buffer.from("fer")]));
    expect(await refusal()).toMatch(/class folder .*k\\xe4fer is not UTF-8\. Rename it/);
  });

  test.runIf(process.platform === "linux")("an image whose name is not UTF-8 is read", async () => {
    whole();
    writeFileSync(
      Buffer.concat([Buffer.from(`${root}/cat/k`), Buffer.from([0xe4, 0x2e]), Buffer.from("jpg")]),
      "",
    );
    const { trained, tested } = await list();
    expect([...(trained[0] ?? []), ...(tested[0] ?? [])]).toContain("cat/k\\xe4.jpg");
  });

  // The administrator reads everything.
  test.skipIf(process.getuid?.() === 0)("a folder without permission is refused", async () => {
    whole();
    layClasses(".", "bird");
    chmodSync(join(root, "bird"), 0);
    expect(await refusal()).toMatch(/bird cannot be read: permission was denied/);
    chmodSync(join(root, "bird"), 0o700);
    // Such a folder gives the names of what it holds, and nothing else of it.
    chmodSync(root, 0o400);
    expect(await refusal()).toMatch(/cannot be read: permission was denied/);
  });

  test("a name that controls a terminal is escaped", async () => {
    whole();
    lay("\u001b]0;title\u0007\u202e/");
    expect(await refusal()).toContain("the class \\x1b]0;title\\x07\\u202e has no images");
  });
});
