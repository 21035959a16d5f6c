import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import draw from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../../../src/data/image-folders/decoding/decode-image.js";
import { withSize } from "../draw-images.js";

const folder = mkdtempSync(join(tmpdir(), "qprune-decode-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WIDTH = 300;
const HEIGHT = 225;

/** A picture with details of all sizes, which every way of scaling shows another way. */
const PICTURE = Buffer.alloc(WIDTH * HEIGHT * 3);
for (let at = 0; at < WIDTH * HEIGHT; at++) {
  const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
  for (let channel = 0; channel < 3; channel++) {
    PICTURE[3 * at + channel] = 128 + 60 * Math.sin(x / 7 + channel) + 60 * Math.cos((x * y) / 50);
  }
}
const picture = () => draw(PICTURE, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

const decode = async (bytes: Buffer, side = 32, kind: "middle" | "squeezed" = "middle") => {
  const path = join(folder, "image");
  writeFileSync(path, bytes);
  return decodeImage(draw, path, { kind, side });
};

const solid = (width: number, height: number) =>
  draw({ create: { width, height, channels: 3, background: "#336699" }, limitInputPixels: false });

/** As little loss as JPEG has. */
const FINE = { quality: 100, chromaSubsampling: "4:4:4" };

describe("one picture", () => {
  test.each([
    ["lossless WebP", () => picture().webp({ lossless: true })],
    ["lossless WebP with transparency", () => picture().ensureAlpha().webp({ lossless: true })],
    ["PNG with transparency", () => picture().ensureAlpha().png()],
    ["interlaced PNG", () => picture().png({ progressive: true })],
    ["TIFF", () => picture().tiff({ compression: "lzw" })],
    ["tiled TIFF", () => picture().tiff({ compression: "deflate", tile: true })],
    ["lossless AVIF", () => picture().avif({ lossless: true, effort: 0 })],
  ])("decodes to the same bytes as PNG and as %s", async (_, encode) => {
    const png = await picture().png().toBuffer();
    const other = await encode().toBuffer();
    for (const side of [32, 120]) {
      for (const kind of ["middle", "squeezed"] as const) {
        const { pixels } = await decode(other, side, kind);
        expect(Buffer.compare(pixels, (await decode(png, side, kind)).pixels)).toBe(0);
      }
    }
  });

  test("in few colors decodes to the same bytes as PNG and as GIF", async () => {
    const flags = draw(Buffer.from([250, 0, 0, 0, 250, 0, 0, 0, 250, 90, 90, 90]), {
      raw: { width: 2, height: 2, channels: 3 },
    }).resize(101, 77, { kernel: "nearest" });
    const [png, gif] = [await flags.clone().png().toBuffer(), await flags.gif().toBuffer()];
    expect((await decode(gif)).pixels).toEqual((await decode(png)).pixels);
  });

  test("as JPEG is the same whether it is stored upright or turned by a tag", async () => {
    const upright = await decode(await picture().jpeg(FINE).toBuffer(), 200);
    const turned = await picture()
      .rotate(270)
      .withMetadata({ orientation: 6 })
      .jpeg(FINE)
      .toBuffer();
    const { pixels, ratio } = await decode(turned, 200);
    expect(ratio).toBe(WIDTH / HEIGHT);
    const apart = pixels.reduce(
      (sum, value, at) => sum + Math.abs(value - (upright.pixels[at] as number)),
      0,
    );
    // The blocks of the two files lie differently, so that the little that is lost does, too.
    expect(apart / pixels.length).toBeLessThan(1);
  });
});

describe("an animation", () => {
  test.each(["gif", "webp"] as const)("as %s shows its first frame", async (format) => {
    const frames = ["#ff0000", "#00ff00"].map((background) =>
      draw({ create: { width: 20, height: 20, channels: 3, background } })
        .png()
        .toBuffer(),
    );
    const animation = draw(await Promise.all(frames), { join: { animated: true } });
    const bytes = await animation.toFormat(format, { lossless: true }).toBuffer();
    expect((await draw(bytes).metadata()).pages).toBe(2);
    expect([...(await decode(bytes, 8)).pixels.subarray(0, 3)]).toEqual([255, 0, 0]);
  });
});

/**
 * A gray JPEG file of any size, made without encoding it: with the standard tables a block of 8x8 pixels that is like the
 * one before has the bits 001010, so that four of them fill three bytes.
 */
const grayJpeg = async (width: number, height: number): Promise<Buffer> => {
  const raw = { width: 64, height: 64, channels: 1 } as const;
  const small = draw(Buffer.alloc(64 * 64, 128), { raw }).toColourspace("b-w");
  const jpeg = await small.jpeg({ optimiseCoding: false }).toBuffer();
  const blocks = Buffer.from("28a28a", "hex");
  const start = jpeg.indexOf(blocks);
  const pixels = Buffer.alloc(((width / 8) * (height / 8) * blocks.length) / 4, blocks);
  return Buffer.concat([
    withSize(jpeg.subarray(0, start), 0xc0, width, height),
    pixels,
    Buffer.from("ffd9", "hex"),
  ]);
};

describe("large images", () => {
  test("of more than 100 megapixels decode in little memory as JPEG", async () => {
    const photograph = await grayJpeg(12_000, 9_000);
    const before = process.resourceUsage().maxRSS;
    const { pixels, ratio } = await decode(photograph, 32);
    expect(ratio).toBeCloseTo(4 / 3, 6);
    expect(Math.abs((pixels[0] as number) - 128)).toBeLessThan(4);
    // As red, green and blue the whole would take 324 MB.
    expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(150);
  });

  test.each([
    [
      "progressive JPEG",
      0xc2,
      true,
      12_000,
      /144\.0 megapixels \(12000x12000\).* progressive JPEG is 100: save it at a smaller size/,
    ],
    [
      "JPEG",
      0xc0,
      false,
      30_000,
      /900\.0 megapixels \(30000x30000\).* JPEG is 500: save it at a smaller size$/,
    ],
  ])(
    "are refused with their size and the limit where they do not: %s",
    async (_, marker, progressive, side, why) => {
      const small = await solid(64, 64).jpeg({ progressive }).toBuffer();
      await expect(decode(withSize(small, marker, side, side))).rejects.toThrow(why);
    },
  );
});

/** A gray TIFF file of 8x8 floating-point numbers. */
const floatTiff = (): Buffer => {
  const entries: [tag: number, value: number][] = [
    [256, 8], // width
    [257, 8], // height
    [258, 32], // bits
    [259, 1], // not compressed
    [262, 1], // black is 0
    [273, 8], // where the pixels are
    [277, 1], // channels
    [278, 8], // rows in a strip
    [279, 256], // bytes
    [339, 3], // floating point
  ];
  const file = Buffer.alloc(8 + 256 + 2 + 12 * entries.length + 4);
  file.write("II*\0", "latin1");
  file.writeUInt32LE(264, 4);
  for (let at = 0; at < 64; at++) file.writeFloatLE(at / 64, 8 + 4 * at);
  file.writeUInt16LE(entries.length, 264);
  entries.forEach(([tag, value], at) => {
    const start = 266 + 12 * at;
    file.writeUInt16LE(tag, start);
    file.writeUInt16LE(4, start + 2);
    file.writeUInt32LE(1, start + 4);
    file.writeUInt32LE(value, start + 8);
  });
  return file;
};

describe("floating-point numbers", () => {
  test("are refused, since they do not define white and would all be black", async () => {
    expect((await draw(floatTiff()).metadata()).depth).toBe("float");
    await expect(decode(floatTiff())).rejects.toThrow(/of the type float.*save it with 8 or 16/);
  });
});
