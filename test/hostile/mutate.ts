import { randomUint32 } from "../../src/base/random.js";

/** Draws an integer below a bound. */
export type Draw = (below: number) => number;

/** Random draws that depend only on the seed and the file's number. */
export const drawer = (seed: number, file: number): Draw => {
  let drawn = 0;
  return (below) => randomUint32(seed, file, drawn++) % Math.max(1, below);
};

/** An offset in a file: half of the time among its first bytes, with headers, or its last ones, with directories. */
const place = (length: number, draw: Draw): number => {
  const near = Math.min(length, 600);
  return [draw(near), length - 1 - draw(near), draw(length), draw(length)][draw(4)] as number;
};

const cut = (bytes: Buffer, draw: Draw): Buffer => bytes.subarray(0, place(bytes.length, draw));

const flip = (bytes: Buffer, draw: Draw): Buffer => {
  const copy = Buffer.from(bytes);
  for (let left = 1 + draw(6); left > 0; left--) copy[place(copy.length, draw)] = draw(256);
  return copy;
};

const LARGE = [0xff, 0x7f, 0x80, 0x10, 0x00];

/** Replaces a length of 1, 2, 4 or 8 bytes, in either byte order, by a large one or 0. */
const inflate = (bytes: Buffer, draw: Draw): Buffer => {
  const copy = Buffer.from(bytes);
  const [at, size] = [place(copy.length, draw), [1, 2, 4, 8][draw(4)] as number];
  const isLow = draw(2) === 0;
  for (let i = 0; i < size && at + i < copy.length; i++) copy[at + i] = isLow && i > 0 ? 0 : 0xff;
  const top = draw(2) === 0 ? at : Math.min(at + size, copy.length) - 1;
  copy[top] = LARGE[draw(LARGE.length)] as number;
  return copy;
};

/** Changes or inserts digits, as of lengths in text. */
const digits = (bytes: Buffer, draw: Draw): Buffer => {
  const places = [...bytes.subarray(0, 20_000)].flatMap((byte, at) =>
    byte >= 0x30 && byte <= 0x39 ? [at] : [],
  );
  const at = places[draw(places.length)];
  if (at === undefined) return cut(bytes, draw);
  const text = ["9", "0", "-1", "1e9", "4294967296", "9999999999999999999", "0.5"][draw(7)] ?? "";
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at + 1)]);
};

/** Duplicates a part of the file. */
const duplicate = (bytes: Buffer, draw: Draw): Buffer => {
  const from = place(bytes.length, draw);
  const part = bytes.subarray(from, from + 1 + draw([40, 400, 4000][draw(3)] as number));
  const to = draw(2) === 0 ? from + part.length : place(bytes.length, draw);
  return Buffer.concat([bytes.subarray(0, to), part, bytes.subarray(to)]);
};

const PIECES = [
  // Every pickle opcode that pushes, calls, repeats or stores, and a reference to a program.
  ..."().0123FIJKLMNPQRSTUVX]abcdeghijloqrstu}".split(""),
  "\x80\x05",
  "\x95\xff\xff\xff\xff\xff\xff\xff\x7f",
  "B\xff\xff\xff\x7f",
  "\x8a\xff",
  "cposix\nsystem\n(X\x04\x00\x00\x00trueτR".replace("τ", "t"),
  "cbuiltins\neval\n",
  // Class instances, states, sets.
  ..."\x81 \x8f \x90 \x91 \x92".split(" "),
  "cargparse\nNamespace\n)\x81}b",
  "ccollections\nCounter\n}\x85R",
  "ca\nb\n)R",
  // Brackets and keys of headers.
  "[".repeat(3000),
  '{"a":'.repeat(2000),
  '"__proto__":{"x":1},',
  '"dtype":"F32","shape":[4294967295,4294967295],"data_offsets":[0,4],',
  // Signatures of zip archives.
  "PK\x01\x02",
  "PK\x03\x04",
  "PK\x05\x06",
  "\xff\xff\xff\xff\xff\xff\xff\xff",
  "\x00".repeat(64),
];

const insert = (bytes: Buffer, draw: Draw): Buffer => {
  const at = place(bytes.length, draw);
  const piece = Buffer.from(PIECES[draw(PIECES.length)] ?? "", "latin1");
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + draw(8))]);
};

/** Copies a word to another place, so that an address or offset leads elsewhere, such as to what contains it. */
const redirect = (bytes: Buffer, draw: Draw): Buffer => {
  const copy = Buffer.from(bytes);
  const width = draw(2) === 0 ? 4 : 8;
  for (let left = 1 + draw(3); left > 0; left--) {
    const [from, to] = [place(copy.length, draw), place(copy.length, draw)].map(
      (at) => at - (at % width),
    ) as [number, number];
    copy.copy(copy, to, from, from + width);
  }
  return copy;
};

const KINDS = [cut, flip, flip, inflate, digits, duplicate, insert, insert, redirect];

/** Joins the start of one file and the end of another. */
const splice = (bytes: Buffer, donor: Buffer, draw: Draw): Buffer =>
  Buffer.concat([
    bytes.subarray(0, place(bytes.length, draw)),
    donor.subarray(place(donor.length, draw)),
  ]);

/** A file with one to three changes. One of `donors` may become its end. */
export const mutate = (bytes: Buffer, draw: Draw, donors: readonly Buffer[] = []): Buffer => {
  let changed = bytes;
  for (let left = 1 + draw(3); left > 0; left--) {
    const kind = draw(KINDS.length + 1);
    const donor = donors[draw(donors.length)];
    if (kind < KINDS.length || !donor)
      changed = (KINDS[kind % KINDS.length] as typeof cut)(changed, draw);
    else changed = splice(changed, donor, draw);
  }
  return changed;
};
