import { Failure } from "./run.js";

const MIN_NODE = 20;

/** @throws Failure where this Node is too old. */
export const checkNode = () => {
  if (Number.parseInt(process.versions.node, 10) >= MIN_NODE) return;
  throw new Failure(
    `Node ${process.versions.node} is too old: qprune needs Node ${MIN_NODE} or later.`,
  );
};
