import { quoted } from "../../../base/visible-text.js";
import type { LabeledBox } from "../../../boxes/box.js";
import type { BoxCollector } from "../box-tally.js";
import { annotationError, readAnnotations } from "../read-annotations.js";

/** A label file of one image with thousands of polygons is smaller. */
const MAX_LABEL_BYTES = 16 * 1024 * 1024;
/** Columns of a box: class, center and sides. A polygon has a class and at least three corners. */
const BOX_COLUMNS = 5;
const LEAST_POLYGON_COLUMNS = 7;
/** Values that far outside of 0 to 1 are no rounding errors: they are pixels. */
const TOLERANCE = 0.05;
/** Values are written with about six digits; a rounded box may overshoot by a fraction of a pixel. */
const ROUNDING = 0.002;

/** A line of a label file. */
interface Line {
  readonly path: string;
  readonly number: number;
  readonly columns: readonly string[];
}

const refuse = ({ path, number }: Line, problem: string, hint: string): never => {
  throw annotationError(path, problem, hint, number);
};

const labelOf = (line: Line, classes: number): number => {
  const text = line.columns[0] ?? "";
  if (!/^\d+(?:\.0+)?$/.test(text))
    refuse(
      line,
      `the class is ${quoted(text)}, not a whole number`,
      "Start each line with the number of a class.",
    );
  const label = Number(text);
  if (label >= classes)
    refuse(
      line,
      `there is no class ${label}: the classes are 0 to ${classes - 1}`,
      "Add the class to the list of names, or correct the line.",
    );
  return label;
};

const valuesOf = (line: Line): readonly number[] =>
  line.columns.slice(1).map((text) => {
    const value = Number(text);
    if (text === "" || !Number.isFinite(value))
      return refuse(line, `${quoted(text)} is not a number`, "Correct the line.");
    if (value < -TOLERANCE || value > 1 + TOLERANCE)
      return refuse(
        line,
        `${text} is not a share of the image from 0 to 1`,
        "Divide centers and sides by the width and height of the image.",
      );
    return value;
  });

/** The least and the largest value of every second number; a polygon may have more corners than a function takes arguments. */
const rangeOf = (corners: readonly number[], first: 0 | 1): readonly [number, number] => {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at: number = first; at < corners.length; at += 2) {
    least = Math.min(least, corners[at] as number);
    most = Math.max(most, corners[at] as number);
  }
  return [least, most];
};

/** The box around a polygon. */
const aroundPolygon = (corners: readonly number[]) => {
  const [[left, right], [top, bottom]] = [rangeOf(corners, 0), rangeOf(corners, 1)];
  return { left, top, width: right - left, height: bottom - top };
};

const boxOf = (line: Line, classes: number): LabeledBox => {
  const count = line.columns.length;
  const isPolygon = count >= LEAST_POLYGON_COLUMNS && count % 2 === 1;
  if (count !== BOX_COLUMNS && !isPolygon)
    refuse(
      line,
      `it has ${count} columns`,
      "A line is a class, the center and the sides of a box (5 columns), or a class and the corners of a polygon.",
    );
  const label = labelOf(line, classes);
  const values = valuesOf(line);
  if (isPolygon) return { label, ...aroundPolygon(values) };
  const [x, y, width, height] = values as [number, number, number, number];
  return { label, left: x - width / 2, top: y - height / 2, width, height };
};

const linesOf = (text: string, path: string): Line[] =>
  text.split("\n").flatMap((each, index) => {
    const content = each.trim();
    return content === "" ? [] : [{ path, number: index + 1, columns: content.split(/\s+/) }];
  });

/**
 * Reads the objects of an image in YOLO's text format: a class, the center of the box and its sides per line, in shares of the image; or
 * a class and the corners of a polygon. Lines that occur twice count once.
 * @throws QpruneError with file and line.
 */
export const readYoloLabels = async (
  path: string,
  classes: number,
  boxes: BoxCollector,
): Promise<{ readonly objects: readonly LabeledBox[]; readonly repeated: number }> => {
  const lines = linesOf(await readAnnotations(path, MAX_LABEL_BYTES), path);
  const unique = new Map(lines.map((line) => [line.columns.join(" "), line]));
  const objects = [...unique.values()].flatMap((line) =>
    boxes.add(
      boxOf(line, classes),
      { width: 1, height: 1, rounding: ROUNDING },
      `${path}:${line.number}`,
    ),
  );
  return { objects, repeated: lines.length - unique.size };
};
