/** The purpose of a part's images. */
export type PartUse = "train" | "val" | "test";

const WORDS: Readonly<Record<string, PartUse>> = {
  train: "train",
  training: "train",
  训练: "train",
  val: "val",
  valid: "val",
  validation: "val",
  dev: "val",
  eval: "val",
  验证: "val",
  test: "test",
  testing: "test",
  测试: "test",
};

/** Suffixes that such a word may have: training_set, test-images. */
const AFTER_WORD = /(?<=.)(?:[ _-]?(?:data|images?|imgs?|split|set)|集)$/;

/** The purpose of a part by the name of its folder, in any case: Train, valid, training_set, testing. */
export const partUse = (name: string): PartUse | undefined => {
  const word = name.normalize("NFKC").toLowerCase().replace(AFTER_WORD, "");
  return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
};

/** The part whose word is in a name: seg_train, my-test, instances_val2017.json. */
export const partInName = (name: string): PartUse | undefined =>
  name
    .split(/[^\p{L}]+/u)
    .map(partUse)
    .find((use) => use !== undefined);

/** Whether a word in a name is that of a part: seg_train, my-test. */
export const hasPartWord = (name: string): boolean => partInName(name) !== undefined;
