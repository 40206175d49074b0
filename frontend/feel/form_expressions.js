// Owns the compiled conditions of forms: form-js parses each text anew whenever it asks, which took most of the time of a check.

import { oddNamesOf } from './names.js';

const CACHE_CHARACTERS = 100000;
const cache = new Map();
let characters = 0;

// form-js reads no warnings of its expressions; a compiled text lives on and must not gather them.
const unheard = { addWarning() {}, getWarnings: () => [] };

/** What `interpreter` makes of `text` (kind evaluate or unaryTest) where the names of `context` are known. */
export function compiled(interpreter, kind, text, context, dialect) {
  const key = [kind, dialect || '', ...[...oddNamesOf(context)].sort(), text].join('\u0000');
  let root = cache.get(key);
  if (!root) {
    if (characters > CACHE_CHARACTERS) { cache.clear(); characters = 0; }
    root = interpreter[kind](text, context, dialect, unheard).root;
    cache.set(key, root);
    characters += text.length + 50;
  }
  return root;
}
