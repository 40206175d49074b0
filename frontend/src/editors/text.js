// Owns the text editor for every kind of file. Lines that nobody touched keep their bytes, line ends included.
import { basic } from './code.js';

export async function makeText({ canvas, file, isReadOnly, changed }) {
  const place = document.createElement('div');
  place.className = 'writing';
  canvas.append(place);
  const code = basic({ parent: place, file, isReadOnly, changed });
  Object.assign(canvas, { code });
  let loaded = '';

  return {
    async open(text) {
      loaded = text;
      code.write(withoutEnds(text));
    },
    read: async () => withEnds(code.read(), loaded),
    undo: code.undo,
    redo: code.redo,
    show: (findings) => code.mark(findings.filter((one) => one.line)),
    goTo: (finding) => code.goTo(finding.line ?? code.lineOf(finding.element)),
    tools: { search: code.search },
  };
}

const withoutEnds = (text) => text.replace(/\r\n?/g, '\n');

// Line ends as they stood: of untouched lines at the beginning and the end exactly, of new ones as most others have them.
export function withEnds(text, loaded) {
  if (!loaded.includes('\r')) return text;
  if (withoutEnds(loaded) === text) return loaded;
  const old = loaded.match(/[^\r\n]*(\r\n|\r|\n|$)/g) ?? [];
  const lines = text.match(/[^\n]*(\n|$)/g) ?? [];
  const usual = (loaded.match(/\r\n/g) ?? []).length > (loaded.match(/(^|[^\r])\n/g) ?? []).length ? '\r\n' : '\n';
  const bare = (line) => line?.replace(/[\r\n]+$/, '');
  let first = 0;
  while (first < lines.length && first < old.length && bare(old[first]) === bare(lines[first])) first += 1;
  let last = 0;
  while (last < lines.length - first && last < old.length - first && bare(old.at(-1 - last)) === bare(lines.at(-1 - last))) last += 1;
  return lines.map((line, place) => {
    const before = place < first ? old[place] : place >= lines.length - last ? old[old.length - (lines.length - place)] : null;
    const isAsEnded = before !== null && /[\r\n]$/.test(before) === line.endsWith('\n'); // the last line of a file may have no end
    return isAsEnded ? before : line.replace(/\n$/, usual);
  }).join('');
}
