/** Endings of the formats that are decoded, in any case. */
const READ = /\.(?:jpe?g|jpe|jfif|png|webp|gif|tiff?|avif)$/i;
/** Endings of other images, which are left out. */
const UNREAD =
  /\.(?:heic|heif|bmp|jxl|jp2|j2k|psd|svg|ico|p[bgnp]m|tga|dng|cr[23]|nef|arw|orf|rw2|raf)$/i;

/** Whether a file is taken for an image by its name. */
export const isImageName = (name: string): boolean => READ.test(name);

/** The ending of an image that is not read, in capitals as formats are called; undefined of any other name. */
export const unreadFormat = (name: string): string | undefined =>
  UNREAD.exec(name)?.[0].slice(1).toUpperCase();

/** Whether a name ends as those of files do; folders of classes have no such ending. */
export const hasFileEnding = (name: string): boolean => /\.[a-z][a-z0-9]{0,4}$/i.test(name);
