/** Machine-readable kinds of {@link QpruneError}, for programs that react to them. Kebab-case, one fault each. */
export type ErrorCode =
  | "binary-file-in-float-training"
  | "binary-net-in-float-training"
  | "files-of-two-merges"
  | "no-merged-pair"
  | "no-model-file"
  | "nothing-to-pack"
  | "quantized-net-in-float-training"
  | "sparsity-without-sparse-training"
  | "state-of-another-command"
  | "too-few-images-to-split"
  | "wrong-options";
