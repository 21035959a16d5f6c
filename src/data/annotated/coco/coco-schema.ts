import { z } from "zod";

/** Identifiers are numbers in COCO's own files; some tools write texts. */
const identifier = z.union([z.number(), z.string()]);

/** The entries of a COCO file, as far as boxes need them (cocodataset.org, "Data format", object detection). */
export const cocoSchemas = {
  images: z.object({
    id: identifier,
    file_name: z.string().min(1),
    width: z.number().positive(),
    height: z.number().positive(),
  }),
  annotations: z.object({
    id: identifier,
    image_id: identifier,
    category_id: identifier,
    /** Left, top, width and height in pixels; edges may lie between pixels. */
    bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    iscrowd: z.union([z.boolean(), z.number()]).optional(),
    /** Pixels of the object. */
    area: z.number().optional(),
  }),
  categories: z.object({ id: identifier, name: z.string().min(1) }),
} as const;

export type CocoList = keyof typeof cocoSchemas;
export type CocoEntry<L extends CocoList> = z.infer<(typeof cocoSchemas)[L]>;

/** What the entries of a list are called in messages. */
export const ENTRY_NAMES: Readonly<Record<CocoList, string>> = {
  images: "image",
  annotations: "annotation",
  categories: "category",
};
