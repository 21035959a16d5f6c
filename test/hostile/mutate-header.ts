import type { Draw } from "./mutate.js";
import { mutatedText } from "./mutate-json.js";

const LENGTH_BYTES = 8;

const isJson = (text: unknown): text is string => typeof text === "string" && /^[[{]/.test(text);

/** A safetensors file with other tensors or metadata in its header, or with changes within a JSON text of its metadata. */
export const mutateHeader = (bytes: Buffer, draw: Draw): Buffer => {
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", LENGTH_BYTES, LENGTH_BYTES + length));
  const metadata: Record<string, unknown> = header.__metadata__ ?? {};
  const keys = Object.keys(metadata).filter((key) => isJson(metadata[key]));
  const key = keys[draw(keys.length)];
  let text: string;
  if (key !== undefined && draw(3) > 0) {
    metadata[key] = mutatedText(JSON.parse(metadata[key] as string), draw);
    text = JSON.stringify(header);
  } else text = mutatedText(header, draw);
  const start = Buffer.alloc(LENGTH_BYTES);
  start.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  return Buffer.concat([start, Buffer.from(text), bytes.subarray(LENGTH_BYTES + length)]);
};
