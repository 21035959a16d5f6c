import { addressAt, type Hdf5Bytes, Hdf5Problem } from "./bytes.js";

/** Types of messages. */
export const MESSAGES = {
  dataspace: 0x01,
  datatype: 0x03,
  link: 0x06,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  linkInfo: 0x02,
  attributeInfo: 0x15,
} as const;

/** A message of an object's header. */
export interface HeaderMessage {
  readonly type: number;
  readonly at: number;
  readonly length: number;
}

/** A block of messages. */
interface Block {
  readonly at: number;
  readonly end: number;
}

/** Bit 1: the message is elsewhere in the file, shared with other objects. */
const SHARED = 2;

interface MessageFormat {
  /** Bytes before the content of a message. */
  readonly prefix: number;
  readonly typeAndLength: (at: number) => readonly [type: number, length: number, flags: number];
  /** The messages of a continued block, without what surrounds them. */
  readonly within: (block: Block) => Block;
}

const messagesIn = (bytes: Hdf5Bytes, first: Block, format: MessageFormat): HeaderMessage[] => {
  const messages: HeaderMessage[] = [];
  const blocks = [first];
  // Blocks that continue others are added while the list is walked.
  for (const { at: start, end } of blocks) {
    let at = start;
    while (at + format.prefix <= end) {
      bytes.count();
      const [type, length, flags] = format.typeAndLength(at);
      const content = at + format.prefix;
      if (content + length > end) throw new Hdf5Problem(`a header at byte ${start} ends early`);
      if (type === MESSAGES.continuation) {
        const next = addressAt(bytes, content);
        const size = addressAt(bytes, content + 8);
        bytes.part(next, size);
        blocks.push(format.within({ at: next, end: next + size }));
      } else if ((flags & SHARED) === 0) messages.push({ type, at: content, length });
      at = content + length;
    }
  }
  return messages;
};

const oldHeader = (bytes: Hdf5Bytes, at: number): HeaderMessage[] => {
  const size = bytes.u32(at + 8);
  bytes.part(at + 16, size);
  return messagesIn(
    bytes,
    { at: at + 16, end: at + 16 + size },
    {
      prefix: 8,
      typeAndLength: (message) => [
        bytes.u16(message),
        bytes.u16(message + 2),
        bytes.u8(message + 4),
      ],
      within: (block) => block,
    },
  );
};

const CHECKSUM_BYTES = 4;

const newHeader = (bytes: Hdf5Bytes, at: number): HeaderMessage[] => {
  const flags = bytes.u8(at + 5);
  const sizeAt = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const width = 1 << (flags & 3);
  const read = {
    1: bytes.u8,
    2: bytes.u16,
    4: bytes.u32,
    8: (place: number) => addressAt(bytes, place),
  };
  const size = read[width as 1 | 2 | 4 | 8](sizeAt);
  const start = sizeAt + width;
  bytes.part(start, size);
  const prefix = flags & 0x04 ? 6 : 4;
  return messagesIn(
    bytes,
    { at: start, end: start + size },
    {
      prefix,
      typeAndLength: (message) => [
        bytes.u8(message),
        bytes.u16(message + 1),
        bytes.u8(message + 3),
      ],
      within: (block) => {
        bytes.expect(block.at, "OCHK");
        return { at: block.at + 4, end: block.end - CHECKSUM_BYTES };
      },
    },
  );
};

/** The messages of an object. */
export const headerMessages = (bytes: Hdf5Bytes, at: number): HeaderMessage[] => {
  bytes.count();
  if (bytes.u8(at) === 1) return oldHeader(bytes, at);
  bytes.expect(at, "OHDR");
  return newHeader(bytes, at);
};
