/** A dot of a chart, in pixels from the left and top of the plot. */
export interface Dot {
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

/** A text at its left end and middle height. */
export interface PlacedLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/** Dots with nearer centers overlap and share one label. */
const NEAR = 12;
const DOT_RADIUS = 6;
/** Pixels of a letter of a label, and of the height of its line. */
const LETTER = 8;
const LINE = 13;

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const boxOf = ({ text, x, y }: PlacedLabel): Box => ({
  left: x,
  right: x + text.length * LETTER,
  top: y - LINE / 2,
  bottom: y + LINE / 2,
});

const dotBox = ({ x, y }: Dot): Box => ({
  left: x - DOT_RADIUS,
  right: x + DOT_RADIUS,
  top: y - DOT_RADIUS,
  bottom: y + DOT_RADIUS,
});

const meet = (one: Box, other: Box): boolean =>
  one.left < other.right &&
  other.left < one.right &&
  one.top < other.bottom &&
  other.top < one.bottom;

/** Groups of dots that overlap directly or through other dots. */
const groupsOf = (dots: readonly Dot[]): Dot[][] => {
  const groups: Dot[][] = [];
  for (const dot of dots) {
    const isNear = (group: Dot[]): boolean =>
      group.some(({ x, y }) => Math.hypot(x - dot.x, y - dot.y) < NEAR);
    const joined = groups.filter(isNear);
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push([...joined.flat(), dot]);
  }
  return groups;
};

/** The possible positions of a group's label: right, left, above, below. */
const candidatesOf = (group: readonly Dot[]): PlacedLabel[] => {
  const text = group
    .map(({ label }) => label)
    .sort()
    .join(", ");
  const [xs, ys] = [group.map(({ x }) => x), group.map(({ y }) => y)];
  const [left, right, top, bottom] = [
    Math.min(...xs),
    Math.max(...xs),
    Math.min(...ys),
    Math.max(...ys),
  ];
  const width = text.length * LETTER;
  const [middleX, middleY] = [(left + right - width) / 2, (top + bottom) / 2];
  const room = DOT_RADIUS + 3;
  return [
    { text, x: right + room, y: middleY },
    { text, x: left - room - width, y: middleY },
    { text, x: middleX, y: top - room - LINE / 2 },
    { text, x: middleX, y: bottom + room + LINE / 2 },
  ];
};

/**
 * Places the labels of dots, one for each group of overlapping dots ("E, F"). A label is at the first of right, left, above
 * and below where it is inside the plot and covers no dot and no earlier label, or at the right if there is none.
 */
export const placeLabels = (
  dots: readonly Dot[],
  plot: { readonly width: number; readonly height: number },
): readonly PlacedLabel[] => {
  const taken = dots.map(dotBox);
  return groupsOf(dots).map((group) => {
    const candidates = candidatesOf(group);
    const isFree = (label: PlacedLabel): boolean => {
      const box = boxOf(label);
      const isInside =
        box.left >= 0 && box.right <= plot.width && box.top >= 0 && box.bottom <= plot.height;
      return isInside && !taken.some((other) => meet(box, other));
    };
    const label = candidates.find(isFree) ?? (candidates[0] as PlacedLabel);
    taken.push(boxOf(label));
    return label;
  });
};
