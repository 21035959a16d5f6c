// Limits of a spec. Larger values are mistakes or attacks.

/** More channels than any net that fits a machine. */
export const MAX_WIDTH = 65_536;
/** A larger kernel covers the whole of most images. */
export const MAX_KERNEL = 31;
/** The position of a maximum in its window is stored in one byte, so a window has at most 255 positions. */
export const MAX_POOL = 15;
export const MAX_CONVS = 1000;
export const MAX_IMAGE_SIDE = 4096;
/** Training holds each parameter four times (value, gradient, Adam's two moments): 4 GiB of floats. */
export const MAX_PARAMETERS = 2 ** 28;
/** Outputs of all convolutions for one image: 128 MiB of floats, and a batch has many images. */
export const MAX_OUTPUTS_PER_IMAGE = 2 ** 25;
/** Outputs of all nodes of a graph for one image: 2 GiB of floats, as a text detector of 670 nodes has for 1248x1248 pixels. */
export const MAX_VALUES_PER_IMAGE = 2 ** 29;
/** A pixel shuffle by more would need more channels than any net has. */
export const MAX_SHUFFLE_FACTOR = 64;
/** A smaller value vanishes next to a float32 variance, and a constant channel would be divided by 0. */
export const MIN_EPSILON = 1e-12;
export const MAX_EPSILON = 1;
/** Nodes of a graph; the largest published classifiers have about a thousand. */
export const MAX_NODES = 10_000;
/** Levels of a detector's pyramid; published ones have up to seven. */
export const MAX_LEVELS = 16;
