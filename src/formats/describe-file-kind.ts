import type { FileKind } from "./file-kind.js";
import { textKind } from "./text-kind.js";
import { firstEntryName } from "./zip/first-entry.js";

/** Number of leading bytes that {@link describeFileKind} inspects. */
export const KIND_BYTES = 512;

/** Bytes at an offset that identify a kind of file; `?` matches any byte. */
type Signature = readonly [bytes: string, kind: FileKind, offset?: number];

const UNPACK = "Unpack it first, and give the file inside.";
const EXPORTED =
  "Give the PyTorch checkpoint or safetensors file that it was exported from; graphs for deployment are not supported.";
const IMAGE = "Give a model file: a PyTorch checkpoint or a safetensors file.";
const NUMPY = "Save the weights as a PyTorch checkpoint or a safetensors file.";

const image = (what: string): FileKind => ({
  what,
  netHint: IMAGE,
  netCode: "image-instead-of-net",
});

const SIGNATURES: readonly Signature[] = [
  ["\x1f\x8b", { what: "a gzip archive", hint: UNPACK }],
  ["BZh", { what: "a bzip2 archive", hint: UNPACK }],
  ["\xfd7zXZ\0", { what: "an xz archive", hint: UNPACK }],
  ["\x28\xb5\x2f\xfd", { what: "a Zstandard archive", hint: UNPACK }],
  ["7z\xbc\xaf\x27\x1c", { what: "a 7z archive", hint: UNPACK }],
  ["Rar!\x1a\x07", { what: "a RAR archive", hint: UNPACK }],
  ["ustar", { what: "a tar archive", hint: UNPACK }, 257],
  ["\x89HDF\r\n\x1a\n", { what: "an HDF5 file (as Keras writes)" }],
  ["GGUF", { what: "a GGUF file (llama.cpp)", netHint: EXPORTED }],
  ["TFL3", { what: "a TensorFlow Lite model" }, 4],
  ["\x93NUMPY", { what: "a NumPy array (.npy)", netHint: NUMPY }],
  ["\x89PNG\r\n\x1a\n", image("a PNG image")],
  ["\xff\xd8\xff", image("a JPEG image")],
  ["GIF8", image("a GIF image")],
  ["RIFF????WEBP", image("a WebP image")],
  ["%PDF-", { what: "a PDF document" }],
  ["\x7fELF", { what: "a program or library (ELF)" }],
  ["\xcf\xfa\xed\xfe", { what: "a program or library (Mach-O)" }],
  ["SQLite format 3\0", { what: "an SQLite database" }],
  [
    "\0\0\x08",
    {
      what: "an IDX file (MNIST's format)",
      netHint: "Use it as a data set; a model file is expected here.",
      netCode: "idx-file-instead-of-net",
    },
  ],
];

/** A safetensors header follows its 8-byte length, whose last byte is 0 in every real file. */
const SAFETENSORS_BRACE_AT = 8;
const OPENING_BRACE = 0x7b;

const matches = (start: Uint8Array, bytes: string, offset: number): boolean => {
  if (start.length < offset + bytes.length) return false;
  return [...bytes].every(
    (each, index) => each === "?" || start[offset + index] === each.charCodeAt(0),
  );
};

/** Names that ONNX exporters write after the format version. */
const ONNX_PRODUCERS = ["pytorch", "onnx", "skl2onnx", "paddle", "keras2onnx"];
/** Operations of the first nodes in TensorFlow graphs. */
const TENSORFLOW_NODES = ["Placeholder", "Const", "VarHandleOp", "NoOp"];
/** Protocol buffer tags: field 1 as a number, field 1 as bytes, field 2 as bytes. */
const [NUMBER_1, BYTES_1, BYTES_2] = [0x08, 0x0a, 0x12];

/** ONNX models and TensorFlow graphs are protocol buffers without a signature, so their content identifies them. */
const protocolBufferKind = (start: Uint8Array): FileKind | undefined => {
  const text = Buffer.from(start).toString("latin1");
  const has = (names: readonly string[]) => names.some((name) => text.includes(name));
  if (start[0] === NUMBER_1 && start[2] === BYTES_2 && has(ONNX_PRODUCERS)) {
    return { what: "an ONNX model" };
  }
  const isSavedModel = start[0] === NUMBER_1 && start[1] === 1 && start[2] === BYTES_2;
  const isGraph = start[0] === BYTES_1 && has(TENSORFLOW_NODES);
  return isSavedModel || isGraph
    ? { what: "a TensorFlow graph (a SavedModel's .pb)", netHint: EXPORTED }
    : undefined;
};

const zipKind = (name: string): FileKind => {
  if (name.endsWith(".npy")) return { what: "an archive of NumPy arrays (.npz)", netHint: NUMPY };
  if (name.endsWith("/data.pkl")) return { what: "a PyTorch checkpoint (.pth)" };
  if (name === "[Content_Types].xml") return { what: "an office document" };
  if (/^(metadata|config)\.json$/.test(name)) return { what: "a Keras model (.keras)" };
  return { what: "a zip archive", hint: UNPACK };
};

/**
 * The kind of a file by its first bytes ({@link KIND_BYTES} or the whole file); undefined if unknown.
 * It is meant for describing files that are not what was expected.
 */
export const describeFileKind = (start: Uint8Array): FileKind | undefined => {
  if (start.length === 0) {
    return {
      what: "an empty file",
      hint: "Copy or download it again; the last attempt left it empty.",
    };
  }
  const found = SIGNATURES.find(([bytes, , offset = 0]) => matches(start, bytes, offset));
  if (found) return found[1];
  const name = firstEntryName(start);
  if (name !== undefined) return zipKind(name);
  if (start.every((byte) => byte === 0)) {
    return {
      what: "a file of zeros",
      hint: "Copy or download it again; its content was never written.",
    };
  }
  if (start[SAFETENSORS_BRACE_AT] === OPENING_BRACE && start[SAFETENSORS_BRACE_AT - 1] === 0) {
    return { what: "a safetensors file" };
  }
  return protocolBufferKind(start) ?? textKind(start);
};
