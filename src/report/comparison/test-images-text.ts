import { visibleText } from "../../base/visible-text.js";
import type { ComparedImages } from "./comparison.js";

/** Test images by where they are from: the user's own folder, or the data set's name. */
export const testImagesText = ({ dataSet, folder }: ComparedImages): string =>
  `test images of ${visibleText(folder ?? dataSet)}`;
