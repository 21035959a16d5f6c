import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../../src/data/image-folders/decoding/decode-image.js";
import { imageResizer } from "../../../src/data/resizing/resize-image.js";

interface Case {
  readonly from: readonly [width: number, height: number];
  readonly interpolation: "bilinear" | "bicubic";
  /** Base64. */
  readonly bytes: string;
}

/** Images resized by Pillow 13 and torchvision 0.29, see bench/torch/resized_images.py. */
const { resized, cropped } = JSON.parse(
  readFileSync(new URL("resized-images.json", import.meta.url), "utf8"),
) as {
  resized: (Case & { readonly to: readonly [width: number, height: number] })[];
  cropped: (Case & { readonly resizedSide: number; readonly side: number })[];
};

/** The image that the script draws: smooth parts, and a fine pattern of full contrast. */
const drawn = (width: number, height: number): Uint8Array =>
  Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const channel = index % 3;
    const x = Math.floor(index / 3) % width;
    const y = Math.floor(index / 3 / width);
    const isFine = (Math.floor(x / 5) + Math.floor(y / 4)) % 3 === 0;
    if (isFine) return 255 * ((x + y + channel) % 2);
    return Math.floor((x * x * (3 + channel) + y * y * 7 + x * y * 5 + 50 * channel) / 3) % 256;
  });

const bytesOf = ({ bytes }: Case): number[] => [...Buffer.from(bytes, "base64")];

const sizeOf = ([width, height]: readonly [number, number]) => ({ width, height });

describe("an image of drawn pixels", () => {
  test.each(resized)("resized from $from to $to, $interpolation, has Pillow's bytes", (each) => {
    const { from, to, interpolation } = each;
    const resize = imageResizer({ from: sizeOf(from), to: sizeOf(to), interpolation });
    expect([...resize(drawn(...from))]).toEqual(bytesOf(each));
  });

  test("keeps its bytes when it keeps its size", () => {
    const [from, pixels] = [{ width: 19, height: 13 }, drawn(19, 13)];
    for (const interpolation of ["bilinear", "bicubic"] as const) {
      expect(imageResizer({ from, to: from, interpolation })(pixels)).toEqual(pixels);
    }
  });

  test.each([24, 39])(
    "has the same bytes in a window as in the whole, %d pixels high",
    (height) => {
      const [from, to] = [
        { width: 19, height: 13 },
        { width: 8, height },
      ];
      const whole = imageResizer({ from, to, interpolation: "bicubic" })(drawn(19, 13));
      for (let top = 0; top + 3 <= height; top++) {
        const window = { left: 2, top, width: 4, height: 3 };
        const part = imageResizer({ from, to, interpolation: "bicubic", window })(drawn(19, 13));
        const rows = [0, 1, 2].map((row) => {
          const start = (top + row) * 8 + 2;
          return [...whole.subarray(start * 3, (start + 4) * 3)];
        });
        expect([...part]).toEqual(rows.flat());
      }
    },
  );
});

describe("an image file", () => {
  const folder = mkdtempSync(join(tmpdir(), "qprune-resize-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "drawn.png");

  const writePng = async ([width, height]: Case["from"]): Promise<void> => {
    const raw = { width, height, channels: 3 } as const;
    writeFileSync(path, await sharp(drawn(width, height), { raw }).png().toBuffer());
  };

  test.each(cropped)(
    "of $from, with $resizedSide and $side pixels, $interpolation, is prepared as by torchvision",
    async (each) => {
      await writePng(each.from);
      const { resizedSide, side, interpolation } = each;
      const view = { kind: "evaluated", side, resizedSide, interpolation } as const;
      const { pixels } = await decodeImage(sharp, path, view);
      expect([...pixels]).toEqual(bytesOf(each));
    },
  );

  test("that is extremely long is cropped without scaling all of it", async () => {
    const raw = { width: 1, height: 60_000, channels: 3 } as const;
    const pixels = Buffer.alloc(3 * raw.height, 90);
    writeFileSync(path, await sharp(pixels, { raw }).png().toBuffer());
    const view = {
      kind: "evaluated",
      side: 224,
      resizedSide: 256,
      interpolation: "bicubic",
    } as const;
    const decoded = await decodeImage(sharp, path, view);
    expect(decoded.pixels.length).toBe(224 * 224 * 3);
    expect(new Set(decoded.pixels)).toEqual(new Set([90]));
  });

  test("of more than 50 megapixels is reduced before it is scaled", async () => {
    const create = { width: 10_000, height: 6000, channels: 3, background: "#336699" } as const;
    writeFileSync(path, await sharp({ create }).jpeg().toBuffer());
    const view = {
      kind: "evaluated",
      side: 24,
      resizedSide: 32,
      interpolation: "bilinear",
    } as const;
    const { pixels } = await decodeImage(sharp, path, view);
    expect(pixels.length).toBe(24 * 24 * 3);
    // JPEG stores colors to about one level.
    expect(Math.abs((pixels[0] as number) - 0x33)).toBeLessThanOrEqual(2);
  });
});
