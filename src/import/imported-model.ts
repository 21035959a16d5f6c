import type { Model } from "../graph/model.js";

/** A net of another program as a model, with what is known of its images. */
export interface ImportedModel {
  readonly model: Model;
  /** The file's own name of the net, if it has one. */
  readonly name: string | undefined;
  /** Texts that the file records besides its net, by their keys. */
  readonly metadata: ReadonlyMap<string, string>;
  /** What was changed or left out, as sentences. */
  readonly notices: readonly string[];
}

/** What the caller chooses about a net that is imported. */
export interface ImportOptions {
  /** The node or value with which the net ends; by default the file's output. */
  readonly until?: string | undefined;
  /** Pixels of each side of the images, for a file that leaves them open. */
  readonly imageSize?: number | undefined;
}
