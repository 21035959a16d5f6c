const HEADER_BYTES = 54;

/** An RGB image [side, side, 3] as a Windows bitmap of 24 bits; a side that is a multiple of 4 needs no padding. */
export const bitmap = (pixels: Uint8Array, side: number): Uint8Array => {
  const file = new Uint8Array(HEADER_BYTES + pixels.length);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, file.length, true);
  view.setUint32(10, HEADER_BYTES, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, side, true);
  // A negative height lists the rows from the top.
  view.setInt32(22, -side, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let at = 0; at < pixels.length; at += 3) {
    file.set([...pixels.subarray(at, at + 3)].reverse(), HEADER_BYTES + at);
  }
  return file;
};
