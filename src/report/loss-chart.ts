/** A loss at a learning rate. */
export interface ChartPoint {
  readonly learningRate: number;
  readonly loss: number;
}

const EIGHTHS = " ▁▂▃▄▅▆▇█";
const ROWS = 6;
/** Columns of the labels on the left. */
const MARGIN = 9;
const MAX_COLUMNS = 60;

/** The mean loss of each column's points; columns without points are left out by using at most one per point. */
const columnsOf = (points: readonly ChartPoint[], count: number): number[] =>
  Array.from({ length: count }, (_, column) => {
    const from = Math.floor((column * points.length) / count);
    const to = Math.max(from + 1, Math.floor(((column + 1) * points.length) / count));
    const own = points.slice(from, to);
    return own.reduce((sum, { loss }) => sum + loss, 0) / own.length;
  });

/** The character of a bar in a row; rows count from 0 at the bottom, heights in rows. */
const barIn = (row: number, height: number): string => {
  const eighths = Math.round(8 * Math.min(Math.max(height - row, 0), 1));
  return EIGHTHS[eighths] as string;
};

const rateText = (rate: number): string =>
  rate >= 0.001 ? String(Number(rate.toPrecision(2))) : rate.toExponential(0);

/**
 * Losses over learning rates, which grow geometrically, as lines of text for a terminal; an arrow marks the chosen rate.
 *
 * @param width columns of the terminal
 */
export const lossChart = (
  points: readonly ChartPoint[],
  chosen: number,
  width: number,
): readonly string[] => {
  const count = Math.max(Math.min(points.length, MAX_COLUMNS, width - MARGIN - 2), 1);
  const columns = columnsOf(points, count);
  const [least, most] = [Math.min(...columns), Math.max(...columns)];
  // The lowest loss has a bar, too.
  const heights = columns.map(
    (loss) => 0.25 + ((ROWS - 0.25) * (loss - least)) / Math.max(most - least, 1e-9),
  );
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const row = ROWS - 1 - index;
    const label = row === ROWS - 1 ? most.toFixed(3) : row === 0 ? least.toFixed(3) : "";
    return `${label.padStart(MARGIN)} ${heights.map((height) => barIn(row, height)).join("")}`;
  });
  const [first, last] = [points[0], points.at(-1)].map(
    (point) => point?.learningRate ?? chosen,
  ) as [number, number];
  const share = last > first ? Math.log(chosen / first) / Math.log(last / first) : 0;
  const place = Math.round(Math.min(Math.max(share, 0), 1) * (count - 1));
  const ends = `${rateText(first)}${rateText(last).padStart(Math.max(count - rateText(first).length, 1))}`;
  return [
    ...rows.map((row) => row.trimEnd()),
    `${" ".repeat(MARGIN + 1)}${ends}`,
    `${" ".repeat(MARGIN + 1 + place)}↑ ${rateText(chosen)}`,
  ];
};
