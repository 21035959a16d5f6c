import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Field, Fields, Message, ScalarType } from "./message.js";

/** Byte fields from this length on become chunks of their own instead of being copied. */
const MIN_CHUNK_BYTES = 4096;

/** Bytes as consecutive chunks. */
interface Chunks {
  readonly list: readonly Uint8Array[];
  readonly bytes: number;
}

/** Collects written bytes, with long byte fields between them. */
const createSink = () => {
  const list: Uint8Array[] = [];
  const writer = new BinaryWriter();
  const flush = (): void => {
    const written = writer.finish();
    if (written.length > 0) list.push(written);
  };
  return {
    writer,
    append: (chunks: readonly Uint8Array[]): void => {
      flush();
      list.push(...chunks);
    },
    finish: (): Chunks => {
      flush();
      return { list, bytes: list.reduce((sum, { length }) => sum + length, 0) };
    },
  };
};

type Sink = ReturnType<typeof createSink>;

const writeChunks = ({ writer, append }: Sink, number: number, { list, bytes }: Chunks): void => {
  writer.tag(number, WireType.LengthDelimited).uint32(bytes);
  if (bytes < MIN_CHUNK_BYTES) for (const chunk of list) writer.raw(chunk);
  else append(list);
};

const writeScalar = (sink: Sink, number: number, type: ScalarType, value: unknown): void => {
  const { writer } = sink;
  switch (type) {
    case "int":
      writer.tag(number, WireType.Varint).int64(value as number);
      return;
    case "float":
      writer.tag(number, WireType.Bit32).float(value as number);
      return;
    case "text":
      writer.tag(number, WireType.LengthDelimited).string(value as string);
      return;
    case "bytes":
    case "packed": {
      const bytes = value as Uint8Array;
      writeChunks(sink, number, { list: [bytes], bytes: bytes.length });
    }
  }
};

const encode = (message: Readonly<Record<string, unknown>>, fields: Fields): Chunks => {
  const sink = createSink();
  const write = ({ number, type }: Field, value: unknown): void => {
    if (typeof type === "string") writeScalar(sink, number, type, value);
    else writeChunks(sink, number, encode(value as Record<string, unknown>, type));
  };
  for (const [name, field] of Object.entries(fields)) {
    const value = message[name];
    if (value === undefined) continue;
    for (const each of field.isList ? (value as readonly unknown[]) : [value]) write(field, each);
  }
  return sink.finish();
};

/** What may be encoded as a message: lists that are absent are empty. */
export type Draft<M> = M extends Uint8Array | string | number
  ? M
  : M extends readonly (infer E)[]
    ? readonly Draft<E>[]
    : { readonly [K in keyof M]?: Draft<M[K]> };

/** Encodes a message of protocol buffers as consecutive chunks, which share the memory of long byte fields. */
export const encodeMessage = <F extends Fields>(
  message: Draft<Message<F>>,
  fields: F,
): readonly Uint8Array[] =>
  // The type of the message follows from the fields that are written.
  encode(message as unknown as Record<string, unknown>, fields).list;
