const ZIP_START = [0x50, 0x4b, 0x03, 0x04];

/** True for bytes that begin as a zip archive does. */
export const isZip = (start: Uint8Array): boolean =>
  ZIP_START.every((byte, at) => start[at] === byte);
