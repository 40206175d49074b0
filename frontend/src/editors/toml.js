// Reads TOML into blocks and entries for a form, so that what is not changed is written back byte for byte. Understands lines,
// not values: a value is the text behind “=”, over several lines where brackets are open. Throws where that cannot be told.

// [{ head, entries: [{ key, value, raw }] }]; an entry without key is a comment or an empty line. The first block has no head.
export function parseToml(text) {
  const blocks = [{ head: '', entries: [] }];
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  for (let place = 0; place < lines.length; place += 1) {
    let raw = lines[place];
    if (/^\s*\[/.test(raw)) {
      blocks.push({ head: raw, entries: [] });
      continue;
    }
    const match = raw.match(/^\s*([\w.-]+|"[^"]*")\s*=\s*/);
    if (!match) {
      if (!/^\s*(#.*)?$/.test(raw.replace(/\r?\n$/, ''))) throw new Error('TOML');
      blocks.at(-1).entries.push({ key: null, value: null, raw });
      continue;
    }
    while (isOpen(raw.slice(match[0].length)) && place + 1 < lines.length) raw += lines[++place];
    if (isOpen(raw.slice(match[0].length))) throw new Error('TOML');
    blocks.at(-1).entries.push({ key: match[1], value: raw.slice(match[0].length).replace(/\s+$/, ''), raw });
  }
  return blocks;
}

// Whether a bracket or a text of several lines is still open.
function isOpen(value) {
  let depth = 0;
  for (let place = 0; place < value.length; place += 1) {
    const sign = value[place];
    if (sign === '"' || sign === "'") {
      const mark = value.startsWith(sign.repeat(3), place) ? sign.repeat(3) : sign;
      let end = place + mark.length;
      while (end < value.length && !value.startsWith(mark, end)) end += mark[0] === '"' && value[end] === '\\' ? 2 : 1;
      if (end >= value.length) return mark.length === 3;
      place = end + mark.length - 1;
    } else if (sign === '#') place = (value.indexOf('\n', place) + 1 || value.length + 1) - 1;
    else if ('[{'.includes(sign)) depth += 1;
    else if (']}'.includes(sign)) depth -= 1;
  }
  return depth > 0;
}

export const writeToml = (blocks) => blocks.map(({ head, entries }) => head + entries.map((one) => one.raw).join('')).join('');

export const nameOf = (block) => block.head.trim().replace(/^\[+\s*|\s*\]+.*$/g, '');

export const entryOf = (key, value, end = '\n') => ({ key, value, raw: `${key} = ${value}${end}` });

// A text on one line, as a person reads it; null for every other value.
export function textOf(value) {
  if (!/^"(?:[^"\\]|\\.)*"$/.test(value)) return null;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}
