import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { MAX_LIST_NUMBERS, MAX_MESSAGES, MAX_TEXT_BYTES } from "./limits.js";
import type { Field, Fields, Message, ScalarType } from "./message.js";

/** Why bytes are not a valid message, as the end of a sentence about the file. */
export class MessageProblem extends Error {}

/** What may still be decoded, so that a small file cannot take much memory. */
interface Budget {
  messages: number;
  numbers: number;
  textBytes: number;
}

const spend = (budget: Budget, what: keyof Budget, amount: number, limit: number): void => {
  budget[what] += amount;
  if (budget[what] > limit) {
    const name = { messages: "parts", numbers: "numbers in lists", textBytes: "bytes of text" };
    throw new MessageProblem(`it has more than ${limit} ${name[what]}`);
  }
};

const WIRE_TYPES: Readonly<Record<ScalarType | "message", WireType>> = {
  int: WireType.Varint,
  float: WireType.Bit32,
  text: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
  packed: WireType.LengthDelimited,
  message: WireType.LengthDelimited,
};

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const decodeText = (bytes: Uint8Array, budget: Budget): string => {
  spend(budget, "textBytes", bytes.length, MAX_TEXT_BYTES);
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new MessageProblem("a text in it is not UTF-8");
  }
};

const decodeScalar = (reader: BinaryReader, type: ScalarType, budget: Budget): unknown => {
  switch (type) {
    case "int":
      // Integers beyond 2^53 only mean "to the end", for which the nearest number is as good.
      return Number(reader.int64());
    case "float":
      return reader.float();
    case "text":
      return decodeText(reader.bytes(), budget);
    case "bytes":
    case "packed":
      return reader.bytes();
  }
};

/** Numbers of a list, each with a tag of its own or all in one field. */
const decodeNumbers = (
  reader: BinaryReader,
  type: "int" | "float",
  wireType: WireType,
  budget: Budget,
): unknown[] => {
  const end = wireType === WireType.LengthDelimited ? reader.uint32() + reader.pos : reader.pos + 1;
  if (end > reader.len) throw new MessageProblem("it ends early");
  const numbers: unknown[] = [];
  while (reader.pos < end) {
    spend(budget, "numbers", 1, MAX_LIST_NUMBERS);
    numbers.push(decodeScalar(reader, type, budget));
  }
  return numbers;
};

/** The values of one occurrence of a field. */
const decodeField = (
  reader: BinaryReader,
  { type, isList }: Field,
  wireType: WireType,
  budget: Budget,
): unknown[] => {
  const isPacked = wireType === WireType.LengthDelimited;
  if (isList && (type === "int" || type === "float") && (isPacked || wireType === WIRE_TYPES[type]))
    return decodeNumbers(reader, type, wireType, budget);
  if (wireType !== WIRE_TYPES[typeof type === "string" ? type : "message"])
    throw new MessageProblem(`a field in it has the wire type ${wireType}, which it cannot have`);
  if (isList) spend(budget, "messages", 1, MAX_MESSAGES);
  if (typeof type === "string") return [decodeScalar(reader, type, budget)];
  return [decode(new BinaryReader(reader.bytes()), type, budget)];
};

/** The fields of a message by their numbers, and the names of its lists. */
interface FieldTable {
  readonly byNumber: ReadonlyMap<number, readonly [name: string, field: Field]>;
  readonly lists: readonly string[];
}

const tables = new WeakMap<Fields, FieldTable>();

const tableOf = (fields: Fields): FieldTable => {
  const known = tables.get(fields);
  if (known) return known;
  const entries = Object.entries(fields);
  const table = {
    byNumber: new Map(entries.map((entry) => [entry[1].number, entry])),
    lists: entries.filter(([, { isList }]) => isList).map(([name]) => name),
  };
  tables.set(fields, table);
  return table;
};

const decode = (reader: BinaryReader, fields: Fields, budget: Budget): Record<string, unknown> => {
  const { byNumber, lists } = tableOf(fields);
  const message: Record<string, unknown> = {};
  for (const name of lists) message[name] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const found = byNumber.get(number);
    if (!found) {
      reader.skip(wireType, number);
      continue;
    }
    const [name, field] = found;
    const values = decodeField(reader, field, wireType, budget);
    // A field that occurs again replaces its value, as in every reader of protocol buffers.
    if (!field.isList) message[name] = values.at(-1);
    else for (const value of values) (message[name] as unknown[]).push(value);
  }
  return message;
};

/**
 * Decodes a message of protocol buffers. Fields that are not listed are skipped; byte fields are views of `bytes`.
 * @throws MessageProblem if the bytes are not such a message, or exceed a limit.
 */
export const decodeMessage = <F extends Fields>(bytes: Uint8Array, fields: F): Message<F> => {
  const budget: Budget = { messages: 0, numbers: 0, textBytes: 0 };
  try {
    // The fields determine the names and types of what is decoded.
    return decode(new BinaryReader(bytes), fields, budget) as Message<F>;
  } catch (error) {
    if (error instanceof MessageProblem) throw error;
    // The reader of the library throws plain errors for bytes that end early or are no tags.
    throw new MessageProblem(`it is cut off or damaged (${(error as Error).message})`);
  }
};
