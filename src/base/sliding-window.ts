/** [vertical, horizontal] */
export type Pair = readonly [number, number];

/** Rows and columns added around maps: [top, left, bottom, right], the order of ONNX. */
export type Padding = readonly [number, number, number, number];

/** A window that slides over maps. */
export interface SlidingWindow {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
  readonly dilation?: Pair;
  /** Whether sides are rounded up, as by ceil_mode of PyTorch's pools. */
  readonly roundsUp?: boolean;
}

/** The rows or columns that a kernel covers: with dilation d, its taps are d apart. */
export const reachOf = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

/**
 * The sides [height, width] of the maps after a window: floor((side + padding - dilation (kernel - 1) - 1) / stride) + 1.
 * Rounded up, the last window must start within the maps or the padding before them (PyTorch's rule). A side may be less
 * than 1 if the window does not fit.
 */
export const slide = (height: number, width: number, window: SlidingWindow): [number, number] => {
  const [top, left, bottom, right] = window.padding;
  const side = (axis: 0 | 1, length: number, before: number, after: number): number => {
    const reach = reachOf(window.kernel[axis], window.dilation?.[axis] ?? 1);
    const steps = (length + before + after - reach) / window.stride[axis];
    if (!window.roundsUp) return Math.floor(steps) + 1;
    const sides = Math.ceil(steps) + 1;
    return (sides - 1) * window.stride[axis] >= length + before ? sides - 1 : sides;
  };
  return [side(0, height, top, bottom), side(1, width, left, right)];
};

/**
 * The padding of maps with which a window leaves their sides divided by its stride, rounded up; an odd row or column is added
 * at the end (TensorFlow's rule for `same`).
 */
export const samePadding = (
  maps: readonly number[],
  { kernel, stride, dilation = [1, 1] }: Pick<SlidingWindow, "kernel" | "stride" | "dilation">,
): Padding => {
  const added = (axis: 0 | 1): number => {
    const length = maps[axis] ?? 1;
    const reach = reachOf(kernel[axis], dilation[axis]);
    const steps = Math.ceil(length / stride[axis]) - 1;
    return Math.max(steps * stride[axis] + reach - length, 0);
  };
  const [rows, columns] = [added(0), added(1)];
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  return [top, left, rows - top, columns - left];
};
