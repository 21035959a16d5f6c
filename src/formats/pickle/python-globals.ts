import type { GlobalRule, Refuse } from "./pickle-dialect.js";
import { emptyDict, isDict, isTuple, type PickleValue, setItems } from "./pickle-value.js";

const pairOf = <T>(pair: PickleValue<T>): readonly PickleValue<T>[] | undefined => {
  const items = isTuple(pair) ? pair.items : pair;
  return Array.isArray(items) && items.length === 2 ? items : undefined;
};

/** collections.OrderedDict: empty, to be filled item by item, or (Python 2) with a list of pairs. */
export const orderedDict = <T>(refuse: Refuse): GlobalRule<T> => ({
  call: ([pairs, ...more], spend) => {
    const dict = emptyDict<T>();
    if (pairs === undefined) return dict;
    if (!Array.isArray(pairs) || more.length > 0) {
      throw refuse("an OrderedDict of its pickle is not made of a list");
    }
    // A list may be remembered and used again and again.
    spend(pairs.length);
    for (const pair of pairs) {
      const items = pairOf(pair);
      if (!items) throw refuse("an OrderedDict of its pickle is not made of pairs");
      setItems(dict, items, refuse);
    }
    return dict;
  },
});

const MAX_LATIN1 = 0xff;

/**
 * _codecs.encode: how Python 3 writes bytes in protocol 2, as text in Latin-1. All of them together have at
 * most `maxBytes`, as many as the file: a text may be remembered and encoded again and again.
 */
export const latin1Encode = <T>(refuse: Refuse, maxBytes: number): GlobalRule<T> => {
  let total = 0;
  return {
    call: ([text, encoding, ...more]) => {
      if (typeof text !== "string" || encoding !== "latin1" || more.length > 0) {
        throw refuse("its pickle encodes what is no text in Latin-1");
      }
      total += text.length;
      if (total > maxBytes) throw refuse(`its pickle encodes more than ${maxBytes} characters`);
      const bytes = new Uint8Array(text.length);
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at);
        if (code > MAX_LATIN1) throw refuse("its pickle has a text that is not in Latin-1");
        bytes[at] = code;
      }
      return bytes;
    },
  };
};

/** collections.Counter: the dict that it counts in. */
export const counter = <T>(): GlobalRule<T> => ({
  call: ([counts]) => (isDict(counts) ? counts : emptyDict<T>()),
});

/** collections.defaultdict: empty, whatever would make its missing values, to be filled item by item. */
export const defaultDict = <T>(): GlobalRule<T> => ({ call: () => emptyDict<T>() });
