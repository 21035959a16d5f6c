import { visibleText } from "../../base/visible-text.js";
import type { ComparedImages } from "./comparison.js";

/** The test images by their source: the user's own folder, or the name of the data set. */
export const testImagesText = ({ dataSet, folder }: ComparedImages): string =>
  `test images of ${visibleText(folder ?? dataSet)}`;
