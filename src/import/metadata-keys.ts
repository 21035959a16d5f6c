/** The key under which qprune's exports record their images as JSON: their preparation and the names of the classes. */
export const DATA_SET_KEY = "qprune.dataSet";
