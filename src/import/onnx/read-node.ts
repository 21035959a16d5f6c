import type { OnnxAttribute, OnnxNode } from "../../formats/onnx/messages.js";
import { storedTensorOf } from "../../formats/onnx/tensor-bytes.js";
import type { ReadNode } from "../operators/read-node.js";
import { constantOf } from "../operators/value.js";
import { Unsupported } from "../unsupported.js";

/** The standard operators have one of these domains. */
const STANDARD: ReadonlySet<string> = new Set(["", "ai.onnx"]);

const LATIN_1 = new TextDecoder("latin1");

const required = <T>(value: T | undefined, attribute: string): T => {
  if (value !== undefined) return value;
  throw new Unsupported(`has no number as its ${attribute}`);
};

/** Reads a node. An operator of another domain is named with its domain. */
export const readNode = (node: OnnxNode): ReadNode => {
  const { opType = "", domain = "", input, output } = node;
  const byName = new Map(node.attribute.map((attribute) => [attribute.name ?? "", attribute]));
  const read =
    <T>(take: (attribute: OnnxAttribute, name: string) => T) =>
    (name: string, otherwise: T): T => {
      const found = byName.get(name);
      return found ? take(found, name) : otherwise;
    };
  return {
    name: node.name || output.find((value) => value !== "") || "",
    op: STANDARD.has(domain) ? opType : `${domain}.${opType}`,
    inputs: input,
    outputs: output,
    has: (name) => byName.has(name),
    // A number that is 0 may be left out.
    int: read(({ i = 0 }) => i),
    float: read(({ f = 0 }) => f),
    text: read(({ s }) => LATIN_1.decode(s ?? new Uint8Array())),
    ints: (name) => byName.get(name)?.ints,
    floats: (name) => byName.get(name)?.floats,
    tensor: (name) => {
      const found = byName.get(name);
      return found && constantOf(storedTensorOf(required(found.t, name)));
    },
  };
};
