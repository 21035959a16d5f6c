import { type SlidingWindow, slide } from "../../base/sliding-window.js";

/** The window of an average pool. */
interface AverageWindow extends SlidingWindow {
  readonly countsPadding: boolean;
}

/** The number of rows (axis 0) or columns (axis 1) that count in each window along an axis. */
const extents = (length: number, sides: number, window: AverageWindow, axis: 0 | 1): number[] => {
  const { kernel, stride, padding, countsPadding } = window;
  const [top, left, bottom, right] = padding;
  const [before, after] = axis === 0 ? [top, bottom] : [left, right];
  const [first, end] = countsPadding ? [-before, length + after] : [0, length];
  return Array.from({ length: sides }, (_, at) => {
    const start = at * stride[axis] - before;
    return Math.min(start + kernel[axis], end) - Math.max(start, first);
  });
};

/**
 * By what each mean of an average pool divides, row by row: the values of its window that count. A window that reaches
 * beyond the padding, because sides are rounded up, counts only its part within maps and padding (PyTorch's rule).
 */
export const windowAreas = (height: number, width: number, window: AverageWindow): Float32Array => {
  const [rows, columns] = slide(height, width, window);
  const heights = extents(height, rows, window, 0);
  const widths = extents(width, columns, window, 1);
  return Float32Array.from(heights.flatMap((h) => widths.map((w) => h * w)));
};
