import type { DetectionResult } from "./average-precision.js";
import { matchBoxes, overlapsOf } from "./match-boxes.js";

/** The score from which a box counts as a finding. */
export const SHOWN_SCORE = 0.5;

const LEAST_OVERLAP = 0.5;
const ANY_SIZE = { least: 0, most: Number.POSITIVE_INFINITY };

/**
 * Whether a net found all objects of an image and nothing else: of its boxes with scores of at least 0.5, each overlaps another
 * object of its class by at least 0.5.
 */
export const isFaultless = ({ truth, found }: DetectionResult): boolean => {
  const shown = found.filter(({ score }) => score >= SHOWN_SCORE);
  const labels = new Set([...truth, ...shown].map(({ label }) => label));
  return [...labels].every((label) => {
    const boxes = {
      truth: truth.filter((box) => box.label === label),
      found: shown.filter((box) => box.label === label).sort((a, b) => b.score - a.score),
    };
    const { outcomes, objects } = matchBoxes(boxes, overlapsOf(boxes), LEAST_OVERLAP, ANY_SIZE);
    const hits = outcomes.filter((outcome) => outcome === "hit").length;
    return hits === objects && !outcomes.includes("miss");
  });
};
