import { isUtf8 } from "node:buffer";
import { join, sep } from "node:path";
import { visibleText } from "../base/visible-text.js";

/** A path as the system takes it: a text, or its bytes where a name in it is not UTF-8 and no text stands for it. */
export type FilePath = string | Buffer;

const bytesOf = (path: FilePath): Buffer => (typeof path === "string" ? Buffer.from(path) : path);

/** The path of a name in a folder; the name comes as the bytes that the system gave. */
export const pathIn = (folder: FilePath, name: Buffer): FilePath =>
  typeof folder === "string" && isUtf8(name)
    ? join(folder, name.toString())
    : Buffer.concat([bytesOf(folder), Buffer.from(sep), name]);

/** Bytes that are not UTF-8 as a text: ASCII as it is, every other byte as \xNN. */
const escapedBytes = (bytes: Buffer): string =>
  Array.from(bytes, (byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`,
  ).join("");

/** A name or path as a text. One that is not UTF-8 has its bytes escaped, so different names stay different. */
export const textOfPath = (path: FilePath): string => {
  if (typeof path === "string") return path;
  return isUtf8(path) ? path.toString() : escapedBytes(path);
};

/** A name or path for messages: on one line, and nothing in it moves the cursor or turns the text around. */
export const shownPath = (path: FilePath): string => visibleText(textOfPath(path));
