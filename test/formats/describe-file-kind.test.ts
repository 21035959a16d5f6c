import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { describeFileKind, KIND_BYTES } from "../../src/formats/describe-file-kind.js";
import { encodeStoredZip } from "../../src/formats/zip/encode-stored-zip.js";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const zip = (name: string): Buffer =>
  Buffer.concat(encodeStoredZip([{ name, content: bytes("x") }], 1));
const tar = (): Buffer => {
  const header = Buffer.alloc(512);
  header.write("a.txt");
  header.write("ustar", 257);
  return header;
};
const UTF16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("a text", "utf16le")]);

describe("a file is described as", () => {
  test.each([
    [
      "a Git LFS pointer to a file that was not fetched",
      bytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
    ],
    [
      "an HTML page, perhaps the login or error page of a download",
      bytes("<!DOCTYPE html>\n<html>"),
    ],
    [
      "an HTML page, perhaps the login or error page of a download",
      bytes("  <!-- x --> <html lang=en>"),
    ],
    ["an HTML page, perhaps the login or error page of a download", Buffer.from("\ufeff<HTML>")],
    [
      "an XML document, perhaps the error message of a download",
      bytes("<?xml version='1.0'?><Error>"),
    ],
    ["a JSON file", bytes('{"message": "Not Found"}')],
    ["a JSON file", bytes("[1, 2]")],
    ["a gzip archive", gzipSync("x")],
    ["a bzip2 archive", bytes("BZh91AY&SY")],
    ["an xz archive", bytes("\xfd7zXZ\0\0")],
    ["a Zstandard archive", bytes("\x28\xb5\x2f\xfd\x04")],
    ["a 7z archive", bytes("7z\xbc\xaf\x27\x1c")],
    ["a RAR archive", bytes("Rar!\x1a\x07\x01")],
    ["a tar archive", tar()],
    ["a zip archive", zip("notes.txt")],
    ["an archive of NumPy arrays (.npz)", zip("w.npy")],
    ["a Keras model (.keras)", zip("metadata.json")],
    ["an office document", zip("[Content_Types].xml")],
    ["a PyTorch checkpoint (.pth)", zip("net/data.pkl")],
    ["a safetensors file", bytes('\x08\0\0\0\0\0\0\0{"a":1}')],
    ["an HDF5 file (as Keras writes)", bytes("\x89HDF\r\n\x1a\n\0")],
    ["a GGUF file (llama.cpp)", bytes("GGUF\x03\0\0\0")],
    ["an ONNX model", bytes("\x08\x07\x12\x07pytorch\x1a\x052.0.1")],
    ["a TensorFlow Lite model", bytes("\x1c\0\0\0TFL3\x14\0")],
    ["a TensorFlow graph (a SavedModel's .pb)", bytes("\x08\x01\x12\xf1\x02\x0a")],
    ["a TensorFlow graph (a SavedModel's .pb)", bytes("\x0a\x20\x0a\x01x\x12\x0bPlaceholder")],
    ["a NumPy array (.npy)", bytes("\x93NUMPY\x01\0")],
    ["a PNG image", bytes("\x89PNG\r\n\x1a\n")],
    ["a JPEG image", bytes("\xff\xd8\xff\xe0")],
    ["a GIF image", bytes("GIF89a")],
    ["a WebP image", bytes("RIFF\x10\0\0\0WEBPVP8 ")],
    ["a PDF document", bytes("%PDF-1.7")],
    ["a program or library (ELF)", bytes("\x7fELF\x02")],
    ["an SQLite database", bytes("SQLite format 3\0")],
    ["an IDX file (MNIST's format)", bytes("\0\0\x08\x03")],
    ["an empty file", Buffer.alloc(0)],
    ["a file of zeros", Buffer.alloc(100)],
    ["a script", bytes("#!/bin/sh\n")],
    ["a text file", Buffer.from("größer und 中文")],
    ["a text file", UTF16],
  ])("%s", (what, start) => {
    expect(describeFileKind(start.subarray(0, KIND_BYTES))?.what).toBe(what);
  });

  test("nothing if its bytes are unknown", () => {
    for (const start of [bytes("\x80\x02}."), bytes("\x01\x02\x03\x04"), bytes("\xfe\xdc\xba")]) {
      expect(describeFileKind(start)).toBeUndefined();
    }
  });

  test("text, wherever the excerpt is cut", () => {
    const text = Buffer.from("中文".repeat(200));
    for (let length = 1; length <= KIND_BYTES; length++) {
      const kind = describeFileKind(text.subarray(0, length));
      if (length > 3) expect(kind?.what).toBe("a text file");
    }
  });

  test("something, without an error, whatever its bytes are", () => {
    for (let first = 0; first < 256; first++) {
      for (const length of [1, 2, 8, 40]) {
        const start = Buffer.alloc(length, first);
        expect(describeFileKind(start)?.what ?? "none").toEqual(expect.any(String));
      }
    }
  });
});

test("the hint for a Git LFS pointer is how to fetch its file", () => {
  const pointer = bytes("version https://git-lfs.github.com/spec/v1\n");
  expect(describeFileKind(pointer)?.hint).toContain("git lfs pull");
});
