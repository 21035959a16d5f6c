import { readHdf5 } from "../../src/formats/hdf5/read-hdf5.js";
import type { Draw } from "./mutate.js";
import { mutateJson } from "./mutate-json.js";

/** The signatures of the parts that refer to others. */
const SIGNATURES = ["TREE", "SNOD", "HEAP", "GCOL", "OHDR", "OCHK"];

const placesOf = (bytes: Buffer): number[] =>
  SIGNATURES.flatMap((signature) => {
    const places: number[] = [];
    for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature, at + 4))
      places.push(at);
    return places;
  });

const SIZES = [0, 1, 8, 0xffff, 0x7fff_ffff, 2 ** 40, 2 ** 53];

/** Words of 8 bytes of a part or what follows it that look like addresses. */
const addressesIn = (bytes: Buffer): number[] => {
  const found: number[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const value = bytes.readBigUInt64LE(at);
    if (value >= 48n && value < BigInt(bytes.length)) found.push(at);
  }
  return found;
};

/** An HDF5 file in which addresses lead to other parts, also to what contains them, or sizes are others. */
const redirected = (bytes: Buffer, draw: Draw): Buffer => {
  const copy = Buffer.from(bytes);
  const [places, addresses] = [placesOf(copy), addressesIn(copy)];
  for (let left = 1 + draw(3); left > 0; left--) {
    const at = addresses[draw(addresses.length)];
    if (at === undefined) break;
    const target =
      draw(3) === 0
        ? (SIZES[draw(SIZES.length)] as number)
        : draw(2) === 0
          ? (places[draw(places.length)] ?? 0)
          : Number(bytes.readBigUInt64LE(addresses[draw(addresses.length)] as number));
    copy.writeBigUInt64LE(BigInt(target), at);
  }
  return copy;
};

/** A file of `model.save` whose configuration changed and takes as many bytes as before. */
const reconfigured = (bytes: Buffer, config: string, draw: Draw): Buffer => {
  const [at, length] = [bytes.indexOf(config), Buffer.byteLength(config)];
  for (let tries = 0; tries < 20; tries++) {
    const changed = Buffer.from(JSON.stringify(mutateJson(JSON.parse(config), draw)));
    if (changed.length > length) continue;
    const padding = Buffer.alloc(length - changed.length, " ");
    return Buffer.concat([bytes.subarray(0, at), changed, padding, bytes.subarray(at + length)]);
  }
  return redirected(bytes, draw);
};

/** An HDF5 file with other addresses and sizes, or with another configuration of its model. */
export const mutateH5 = (bytes: Buffer, draw: Draw): Buffer => {
  const config = readHdf5(bytes).texts("model_config")?.[0];
  if (config === undefined || draw(3) === 0) return redirected(bytes, draw);
  return reconfigured(bytes, config, draw);
};
