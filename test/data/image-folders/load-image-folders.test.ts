import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import draw from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QpruneError } from "../../../src/base/errors.js";
import { createBatchLoader } from "../../../src/data/batches/batch-loader.js";
import type { DataSet } from "../../../src/data/data-set.js";
import { decodeImage } from "../../../src/data/image-folders/decoding/decode-image.js";
import type { ImageFolderOptions } from "../../../src/data/image-folders/image-folder-options.js";
import { loadDataSet } from "../../../src/data/load-data-set.js";
import {
  COLORS,
  drawClasses,
  drawImage,
  folderOptions,
  imagesFolder,
  put,
  withSize,
} from "./draw-images.js";

const roots: string[] = [];
const fresh = (): string => {
  const folder = imagesFolder();
  roots.push(folder);
  return folder;
};
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** A folder with train/ and val/ that tests only read. */
const shared = fresh();
beforeAll(async () => {
  await drawClasses(join(shared, "train"), 6);
  await drawClasses(join(shared, "val"), 2);
});

const load = (
  directory: string,
  more: Partial<ImageFolderOptions> = {},
  limits: { trainLimit?: number; testLimit?: number } = {},
) => {
  const images = folderOptions(directory, more);
  const dataSet = loadDataSet({
    name: "images",
    directory,
    parts: "train and test",
    ...limits,
    images,
  });
  return { dataSet, lines: images.lines };
};

const refusal = async (directory: string, more: Partial<ImageFolderOptions> = {}) => {
  const error = await load(directory, more).dataSet.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(QpruneError);
  expect((error as QpruneError).hint).toBeTruthy();
  return (error as QpruneError).message;
};

/** The mean color of a test image, which has the size that the net sees. */
const meanOf = ({ test: set, info }: DataSet, sample: number): number[] => {
  const pixels = info.height * info.width;
  const place = set.places?.[sample] ?? sample;
  const bytes = set.images.subarray(place * pixels * 3, (place + 1) * pixels * 3);
  return [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let at = channel; at < bytes.length; at += 3) sum += bytes[at] as number;
    return sum / pixels;
  });
};

describe("folders of images", () => {
  test("under train/ and val/ are read with their class names, the classes interleaved", async () => {
    const { info, train, test: tested } = await load(shared).dataSet;
    expect(info).toMatchObject({ name: "images", height: 16, width: 16, channels: 3 });
    expect(info.classNames).toEqual(["apple", "leaf", "sky"]);
    expect([train.count, tested.count]).toEqual([18, 6]);
    expect([...train.labels.slice(0, 6)]).toEqual([0, 1, 2, 0, 1, 2]);
    const limited = await load(shared, {}, { trainLimit: 4, testLimit: 2 }).dataSet;
    expect([...limited.train.labels]).toEqual([0, 1, 2, 0]);
    expect([...limited.test.labels]).toEqual([0, 1]);
    expect(limited.test.paths?.[1]).toMatch(/val\/leaf\/000\.\w+$/);
  });

  test("of all formats and sizes show what was drawn", async () => {
    const dataSet = await load(shared).dataSet;
    for (let sample = 0; sample < 6; sample++) {
      const [red, green, blue] = COLORS[sample % 3] as readonly number[];
      const mean = meanOf(dataSet, sample);
      // Half of an image is 40 brighter; JPEG and the scaling of the edge move the mean by little.
      for (const [at, value] of [red, green, blue].entries()) {
        expect(Math.abs((mean[at] as number) - (value as number) - 20)).toBeLessThan(8);
      }
    }
  });

  test("are the same whether one thread, two or none decodes them, and from the cache", async () => {
    const sets = [];
    for (const workers of [0, 1, 2, 2]) {
      const cacheFolder = join(shared, `.cache-${workers}`);
      sets.push(await load(shared, { workers, cacheFolder }).dataSet);
    }
    for (const set of sets) expect(set).toEqual(sets[0]);
    expect(readdirSync(join(shared, ".cache-2"))).toHaveLength(2);
  });

  test("have mean and deviation of their own and a fingerprint of what they hold", async () => {
    const { info, fingerprint } = await load(shared).dataSet;
    // Per class one channel is about 200 and two are about 30, each 20 brighter on the whole.
    for (const mean of info.mean) expect(mean).toBeCloseTo((220 + 50 + 50) / 3 / 255, 1);
    const copy = fresh();
    await drawClasses(join(copy, "train"), 6);
    await drawClasses(join(copy, "val"), 2);
    expect((await load(copy).dataSet).fingerprint).toBe(fingerprint);
    put(join(copy, "train/sky/000.png"), await drawImage([1, 2, 3], 20, 20));
    expect((await load(copy).dataSet).fingerprint).not.toBe(fingerprint);
  });

  test("accept test/ instead of val/", async () => {
    const folder = fresh();
    await drawClasses(join(folder, "train"), 2);
    await drawClasses(join(folder, "test"), 1);
    expect((await load(folder).dataSet).test.count).toBe(3);
  });

  test("without parts leave the same fifth of each class for testing, and say so", async () => {
    const folder = fresh();
    await drawClasses(folder, 10);
    const { dataSet, lines } = load(folder);
    const { train, test: tested } = await dataSet;
    expect([train.count, tested.count]).toEqual([24, 6]);
    expect(lines.join("\n")).toContain("6 of its images (20% of each class");
    const testedBefore = (await load(folder).dataSet).test.images;
    await drawClasses(folder, 10, ["sand"]);
    expect((await load(folder).dataSet).test.count).toBe(8);
    rmSync(join(folder, "sand"), { recursive: true });
    expect((await load(folder).dataSet).test.images).toEqual(testedBefore);
  });

  test("are found through symbolic links, of files and of class folders", async () => {
    const folder = fresh();
    mkdirSync(join(folder, "val/apple"), { recursive: true });
    symlinkSync(join(shared, "train"), join(folder, "train"));
    symlinkSync(join(shared, "val/apple/000.png"), join(folder, "val/apple/link.png"));
    symlinkSync(join(shared, "val/leaf"), join(folder, "val/leaf"));
    symlinkSync(join(shared, "val/sky"), join(folder, "val/sky"));
    const { train, test: tested } = await load(folder).dataSet;
    expect([train.count, tested.count]).toEqual([18, 5]);
  });
});

describe("odd images", () => {
  const folder = fresh();
  const odd = join(folder, "val/odd");
  beforeAll(async () => {
    const two = await drawImage([200, 30, 30], 40, 20);
    await drawClasses(join(folder, "train"), 2, ["odd", "plain"]);
    await drawClasses(join(folder, "val"), 1, ["plain"]);
    put(join(odd, "1-grey.png"), await draw(two).greyscale().toColourspace("b-w").png().toBuffer());
    put(
      join(odd, "2-alpha.png"),
      await draw({
        create: {
          width: 30,
          height: 30,
          channels: 4,
          background: { r: 200, g: 100, b: 0, alpha: 0.5 },
        },
      })
        .png()
        .toBuffer(),
    );
    put(join(odd, "3-cmyk.jpg"), await draw(two).toColourspace("cmyk").jpeg().toBuffer());
    // The tag rotates it by 90 degrees, so the bright left half comes to the top.
    put(
      join(odd, "4-turned.jpg"),
      await draw(two).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    );
    put(join(odd, "5-deep.png"), await draw(two).toColourspace("rgb16").png().toBuffer());
  });

  test("grey, transparent, CMYK, turned and 16-bit ones are seen as a viewer shows them", async () => {
    const dataSet = await load(folder).dataSet;
    const place = (at: number): number =>
      [...dataSet.test.labels].flatMap((label, sample) => (label === 0 ? [sample] : []))[
        at
      ] as number;
    const [grey, alpha, cmyk, , deep] = [0, 1, 2, 3, 4].map((at) => meanOf(dataSet, place(at)));
    expect(grey?.[0]).toBeCloseTo(grey?.[1] as number, 5);
    // Half of the color, on black.
    expect(alpha?.map(Math.round)).toEqual([100, 50, 0]);
    expect((cmyk?.[0] as number) > 2 * (cmyk?.[1] as number)).toBe(true);
    // The same image in 8 bits: 220, 50, 50.
    expect(deep?.map((value) => Math.round(value / 10))).toEqual([22, 5, 5]);
    const turned = dataSet.test.images.subarray(place(3) * 768, (place(3) + 1) * 768);
    expect(turned[0] as number).toBeGreaterThan((turned[15 * 16 * 3] as number) + 20);
  });
});

describe("damaged images", () => {
  const damaged = async (): Promise<string> => {
    const folder = fresh();
    await drawClasses(join(folder, "train"), 10);
    await drawClasses(join(folder, "val"), 1);
    const whole = await drawImage([9, 9, 9], 64, 64, "jpg");
    put(join(folder, "train/leaf/broken.jpg"), whole.subarray(0, whole.length / 2));
    return folder;
  };

  test("are named and left out up to the share that is allowed", async () => {
    const folder = await damaged();
    expect(await refusal(folder)).toMatch(
      /1 of 31 training images in .*train cannot be read: leaf\/broken\.jpg: /,
    );
    const { dataSet, lines } = load(folder, { maxDamaged: 0.1 });
    const { train, info } = await dataSet;
    expect(train.count).toBe(30);
    expect([...train.labels].filter((label) => label === 1)).toHaveLength(10);
    const classOf = (path: string): number => info.classNames.indexOf(path.split("/").at(-2) ?? "");
    expect(train.paths?.map(classOf)).toEqual([...train.labels]);
    expect(lines.join("\n")).toMatch(/leaf\/broken\.jpg: .*They are left out\./);
    // The cache reports the damaged files again.
    expect((await load(folder, { maxDamaged: 0.1 }).dataSet).train).toEqual(train);
  });

  test("are named for what they are: text, an empty file, a folder, a broken link, and one with too many pixels", async () => {
    const folder = await damaged();
    put(join(folder, "train/leaf/notes.png"), "no image\n");
    put(join(folder, "train/leaf/nothing.png"), "");
    mkdirSync(join(folder, "train/leaf/folder.png"));
    symlinkSync(join(folder, "nowhere"), join(folder, "train/leaf/link.png"));
    const small = await drawImage([9, 9, 9], 64, 64, "jpg");
    put(join(folder, "train/leaf/bomb.jpg"), withSize(small, 0xc0, 30_000, 30_000));
    const message = await refusal(folder, { maxDamaged: 0 });
    expect(message).toContain("6 of 36 training images");
    const { lines, dataSet } = load(folder, { maxDamaged: 0.5 });
    await dataSet;
    const text = lines.join("\n");
    expect(text).toMatch(/bomb\.jpg: it has 900\.0 megapixels .* the limit for JPEG is 500/);
    expect(text).toContain("folder.png: it is not a regular file");
    expect(text).toMatch(/link\.png: it is a link to .*nowhere, which does not exist/);
    expect(message).toContain("and 1 more");
  });

  test("and other files next to them are reported", async () => {
    const folder = await damaged();
    put(join(folder, "train/leaf/notes.txt"), "no image\n");
    const { dataSet, lines } = load(folder, { maxDamaged: 0.1 });
    await dataSet;
    expect(lines.join("\n")).toMatch(
      /Left out of .*train, since they do not have the extensions of images: leaf\/notes\.txt/,
    );
  });
});

describe("a class that loses all its images to damage", () => {
  test.each(["train", "val"])(
    "is refused by name, however many may be damaged: in %s",
    async (part) => {
      const folder = fresh();
      await drawClasses(join(folder, "train"), 3);
      await drawClasses(join(folder, "val"), 3);
      const names = readdirSync(join(folder, part, "leaf"));
      for (const name of names) put(join(folder, part, "leaf", name), "version https://git-lfs");
      expect(await refusal(folder, { maxDamaged: 0.9 })).toMatch(
        /^The class leaf has no readable image among the (?:training|test) images in .*: all its 3 cannot be read: leaf\/000\.png: it is a Git LFS pointer/,
      );
      put(join(folder, part, "leaf/000.png"), await drawImage([1, 2, 3], 20, 20));
      const { info } = await load(folder, { maxDamaged: 0.9 }).dataSet;
      expect(info.classNames).toEqual(["apple", "leaf", "sky"]);
    },
  );
});

describe("names that are not UTF-8", () => {
  test.runIf(process.platform === "linux").each([0, 1])(
    "of images are read, by %i threads",
    async (workers) => {
      const folder = fresh();
      await drawClasses(join(folder, "train"), 2);
      await drawClasses(join(folder, "val"), 1);
      const place = Buffer.from(join(folder, "train/leaf/"));
      const name = Buffer.concat([
        place,
        Buffer.from([0xc3, 0xa8, 0xb7, 0xd6]),
        Buffer.from(".png"),
      ]);
      writeFileSync(name, await drawImage([30, 200, 30], 20, 20));
      const { train } = await load(folder, { workers }).dataSet;
      expect(train.count).toBe(7);
      expect(train.paths?.at(-1)).toContain("train/leaf/\\xc3\\xa8\\xb7\\xd6.png");
    },
  );
});

describe("what is refused", () => {
  test.each<[string, (folder: string) => Promise<void> | void, RegExp]>([
    [
      "a folder that does not exist",
      (folder) => rmSync(folder, { recursive: true }),
      /does not exist/,
    ],
    ["an empty folder", () => {}, /^No images in /],
    [
      "a single class",
      (folder) => drawClasses(join(folder, "train"), 2, ["cat"]),
      /has train\/, but no folder for testing: expected val\//,
    ],
    [
      "a single class in both parts",
      async (folder) => {
        await drawClasses(join(folder, "train"), 2, ["cat"]);
        await drawClasses(join(folder, "val"), 2, ["cat"]);
      },
      /single class cat/,
    ],
    [
      "an empty class",
      async (folder) => {
        await drawClasses(join(folder, "train"), 2);
        await drawClasses(join(folder, "val"), 1);
        mkdirSync(join(folder, "train/void"));
      },
      /the class void has no/,
    ],
    [
      "class folders that differ",
      async (folder) => {
        await drawClasses(join(folder, "train"), 2);
        await drawClasses(join(folder, "val"), 1, ["apple", "leaf", "sea"]);
      },
      /it lacks sky and also has sea/,
    ],
    ["a class of one image to split", (folder) => drawClasses(folder, 1), /has one image/],
  ])("%s, with the reason", async (_, prepare, message) => {
    const folder = fresh();
    await prepare(folder);
    expect(await refusal(folder)).toMatch(message);
  });
});

describe("the cache", () => {
  test("serves images from the disk where they do not fit into the memory", async () => {
    const inMemory = await load(shared).dataSet;
    const { train } = await load(shared, { memoryBytes: 10 }).dataSet;
    expect(train.images).toHaveLength(0);
    expect(train.file?.count).toBe(18);
    const pixels = [];
    for (const set of [inMemory.train, train]) {
      const loader = createBatchLoader({
        images: set,
        info: inMemory.info,
        batchSize: 7,
        mode: "train",
        seed: 1,
        workers: set.file ? 2 : 0,
      });
      const batches = [];
      for await (const batch of loader.epoch(1)) batches.push(batch);
      await loader.close();
      pixels.push(batches);
    }
    expect(pixels[1]).toEqual(pixels[0]);
  });

  test("is written again if its file is damaged or an image has changed", async () => {
    const folder = fresh();
    await drawClasses(join(folder, "train"), 2);
    await drawClasses(join(folder, "val"), 1);
    const first = await load(folder).dataSet;
    for (const name of readdirSync(join(folder, ".cache"))) {
      writeFileSync(join(folder, ".cache", name), "cut off");
    }
    expect(await load(folder).dataSet).toEqual(first);
    put(join(folder, "val/sky/000.png"), await drawImage([250, 250, 250], 30, 30));
    expect((await load(folder).dataSet).test.images).not.toEqual(first.test.images);
  });

  test("is optional: if it cannot be written, the user is informed and nothing is left on disk", async () => {
    const blocked = join(fresh(), "file");
    writeFileSync(blocked, "");
    const { dataSet, lines } = load(shared, { cacheFolder: join(blocked, "images") });
    expect((await dataSet).train.count).toBe(18);
    expect(lines.join("\n")).toContain("not cached for the next run");
    const message = await refusal(shared, {
      cacheFolder: join(blocked, "images"),
      memoryBytes: 10,
    });
    expect(message).toMatch(/18 decoded images take .* GB, which is more than fits into memory/);
  });

  test("is optional for a user without a home folder, who learns how to set one", async () => {
    const { dataSet, lines } = load(shared, { cacheFolder: undefined });
    expect((await dataSet).train.count).toBe(18);
    expect(lines.join("\n")).toMatch(/not cached for the next run: .*XDG_CACHE_HOME=FOLDER/);
    const message = await refusal(shared, { cacheFolder: undefined, memoryBytes: 10 });
    expect(message).toMatch(/cannot be cached on disk: .*XDG_CACHE_HOME=FOLDER/);
  });

  test("keeps no partial file if decoding is stopped", async () => {
    const cacheFolder = join(fresh(), "images");
    const controller = new AbortController();
    controller.abort(new Error("stop"));
    const { dataSet } = load(shared, { cacheFolder, memoryBytes: 10, signal: controller.signal });
    await expect(dataSet).rejects.toThrow("stop");
    expect(readdirSync(cacheFolder)).toEqual([]);
  });
});

describe("image folders for a net with a preparation of its own", () => {
  const preparation = {
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    evaluation: { resizedSide: 20, interpolation: "bicubic" },
  } as const;

  test("are normalized and tested as the net asks for it", async () => {
    const dataSet = await load(shared, { preparation }).dataSet;
    expect(dataSet.info).toMatchObject({ ...preparation, height: 16 });
    const { pixels } = await decodeImage(draw, dataSet.test.paths?.[0] as string, {
      ...preparation.evaluation,
      kind: "evaluated",
      side: 16,
    });
    expect(dataSet.test.images.subarray(0, pixels.length)).toEqual(pixels);
  });

  test("are tested with the folder's own classes if those of the net have no names", async () => {
    const { info } = await load(shared).dataSet;
    const netDataSet = { ...info, ...preparation, classNames: ["class 0", "class 1", "class 2"] };
    const tested = await load(shared, { netDataSet }).dataSet;
    expect(tested.info).toEqual({ ...netDataSet, classNames: info.classNames });
  });
});
