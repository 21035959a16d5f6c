import { readFileSync } from "node:fs";

interface FakeQuantized {
  readonly bits: number;
  readonly scale: number;
  readonly zero: number;
  readonly y: number[];
  readonly dx: number[];
}

interface RecordedTensor {
  readonly name: string;
  readonly x: number[];
  readonly fakeQuantized: FakeQuantized[];
  readonly grid: { readonly scale: number; readonly zero: number };
  readonly movingAverage: { readonly low: number; readonly high: number };
}

interface RecordedKernel {
  readonly shape: number[];
  readonly w: number[];
  readonly scale: number[];
  readonly y: number[];
}

/** What bench/torch/affine_quantizers.py printed with PyTorch 2.13. */
export const recorded = JSON.parse(
  readFileSync(new URL("affine-torch.json", import.meta.url), "utf8"),
) as { readonly tensors: RecordedTensor[]; readonly kernels: RecordedKernel[] };
