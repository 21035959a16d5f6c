/** Machine-readable kinds of {@link QpruneError}, for programs that react to them. Kebab-case, one fault each. */
export type ErrorCode = "too-few-images-to-split";
