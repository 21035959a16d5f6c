/**
 * What this project's prose does not say, and what it says instead (docs/style.md has the reasons). Patterns see text
 * in lower case; a space in one is any white space, also a line break within a comment. `only` limits a phrase to files
 * whose paths begin so.
 */
const phrase = (pattern, instead, { only } = {}) => ({
  pattern: new RegExp(pattern.source.replaceAll(" ", "\\s+"), "g"),
  instead,
  only,
});

export const PHRASES = [
  // Files, programs and nets neither speak nor listen.
  phrase(/\btells\b/, "contains, records, reports, prints, identifies"),
  phrase(/\btell (?:its|their|theirs|nothing|none|of|what|which)\b/, "contain, record, specify"),
  phrase(/\btold\b(?! apart)/, "reported, recorded, given, notified"),
  phrase(/\buntold\b/, "unspecified, unreported"),
  phrase(/\bsays\b/, "contains, states, specifies, the message names …"),
  phrase(/(?<!\bthat )\bsaid\b/, "stated, recorded, reported, given"),
  phrase(/\b(?:is|are) heard\b|\bheard by\b/, "honored, handled"),
  phrase(/\bcalled by what (?:it|they|he)\b/, "identified"),

  // Runs and programs resume, continue or repeat.
  phrase(/\banew\b/, "again, from scratch, or a verb with re-"),
  phrase(/\b(?:go|goes|going|went|gone) on\b/, "resume, continue"),
  phrase(/\bway on\b/, "how to resume, what to do next"),
  phrase(/\bgives? way to\b/, "is replaced by, falls back to"),
  phrase(/\b(?:come|comes|came) to (?:its|their) end\b/, "finish, complete"),
  phrase(/\bdone without\b/, "skipped, not used"),
  phrase(/\bin turns\b/, "alternately, in rotation"),

  // Where things are.
  phrase(/\bstand(?:s|ing)?\b(?! (?:for|in for|out)\b)/, "is, appears, is written; lies"),
  phrase(/\bin front of\b/, "before"),
  phrase(
    /(?<!\b(?:lag|fall|trail|le(?:ave|ft|aving))[^.;:]{0,50})\bbehind(?= [^\s.,;:)])/,
    "after",
  ),
  phrase(/\bbeside\b/, "next to; besides, along with; compared with"),
  phrase(
    /\b(?:that|which|what) (?:is|are|was) there\b(?! (?:a|an|no|any)\b)/,
    "that exists, existing",
  ),
  phrase(/\bhangs? on\b/, "depends on"),
  phrase(/\bhand(?:s|ed)? in\b/, "passed in, an argument"),
  phrase(/\bbears? (?:its|the|a|an|no|any|that)\b/, "has"),

  // Terms of the field: docs/style.md has the glossary.
  phrase(
    /\bthe original(?:'s)?\b(?! (?:image|size|file|order|error|name|text|shape|mode|owner|bytes)s?\b)/,
    "the reference scripts, model-compression",
  ),
  phrase(/\btwins?\b/, "reference implementation"),
  phrase(/\bsettl(?:ed?|es|ing) (?:statistics|norms?|batch norms?)\b/, "recalibrated batch norm"),
  phrase(/(?<!["`'/])\bbak(?:es?|ed|ing)\b(?!["`'-])/, "quantized (frozen) weights; quantize"),
  phrase(/\bway back\b/, "the backward pass; the inverse"),
  phrase(/\bmakes? (?:\S+ ){0,3}again\b|\bmade again\b/, "recompute, rematerialize, rebuild"),
  phrase(/\bconvolutions? of codes\b|\bby sight\b/, "integer convolutions"),
  phrase(/\breading convolutions?\b|\bconvolution that reads it\b/, "consumer"),
  phrase(/\bcells?\b/, "channel group", { only: ["src/prune/", "docs/", "README.md"] }),
  phrase(
    /\babsorb(?:s|ed|ing)? (?:the )?betas?\b|\bbetas? (?:are )?absorbed\b/,
    "fold constant outputs",
  ),
  phrase(/\bclipped share\b|\bshares? of clipped\b/, "saturation rate"),
  phrase(/\bwild\b/, "non-finite, invalid"),
  phrase(/\bstrangers?\b/, "untrusted source; unknown model"),
  phrase(
    /(?<!\b(?:your|their|its|his|our|my) |'s )\bown (?:nets?|images?|photos?)\b/,
    "custom architectures; your own images",
  ),
  phrase(
    /\b(?:scales?|factors?|thresholds?|bits?|bytes?|numbers?|images|weights|records?|channels?|folders?|lines?|objects?|passes|epochs?|steps?) an? (?:filter|channel|image|weight|layer|line|step|class|stage|group|record|file|row|batch|epoch|second)\b/,
    "per filter, per channel, per image, …",
  ),
  phrase(/\bcalled wrongly\b/, "used incorrectly"),
  phrase(/\bwho (?:wants?|needs?)\b/, "if you need", {
    only: ["docs/", "README.md", "SECURITY.md"],
  }),
  phrase(/\bwhat (?:\S+ ){1,4}makes? of\b/, "the result of"),
  phrase(/\bbut for\b/, "except"),

  // Chinese: 准确率 is accuracy and 精度 precision; 选项 is a flag and 参数 a weight.
  phrase(/失效通道/, "死通道"),
  phrase(/杀死/, "强制终止"),
  phrase(/带间隔的三值|间隔内/, "带滞回区间（gap）的三值"),
  phrase(/(?:全部|所有|命令、)参数/, "选项"),
  phrase(/精度最高|(?:测试|最佳|最好的)精度/, "准确率"),
];
