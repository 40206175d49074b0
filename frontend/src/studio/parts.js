// Takes a file apart into named parts, so that three states can be compared part by part: elements of a diagram, components
// of a form, rows of a table, lines of a text. Positions in a drawing are left out.
import { parseCsv } from '../editors/csv.js';

export function partsOf(kind, file, text) {
  try {
    if (kind === 'process' || kind === 'decision') return xmlParts(text);
    if (kind === 'form') return formParts(text);
    if (file.endsWith('.csv')) return rowParts(text);
  } catch {
    // not readable as what it should be: compared by lines
  }
  return lineParts(text);
}

const DRAWING = new Set(['BPMNDiagram', 'DMNDI']);

function xmlParts(text) {
  const tree = new DOMParser().parseFromString(text, 'application/xml');
  if (tree.querySelector('parsererror')) throw new Error('no XML');
  const parts = new Map();
  const walk = (node) => {
    for (const child of node.children) {
      if (DRAWING.has(child.localName)) continue;
      if (child.id) parts.set(child.id, { label: nameOf(child), text: describe(child) });
      walk(child);
    }
  };
  walk(tree);
  return parts;
}

const nameOf = (node) => (node.getAttribute('name') ? `${node.getAttribute('name').replaceAll('\n', ' ')} (${node.id})` : `${node.localName} ${node.id}`);

// An element with its own attributes and what below it has no id of its own.
function describe(node) {
  const lines = [...node.attributes].filter(({ name }) => !name.startsWith('xmlns')).map(({ name, value }) => `${name} = ${value}`).sort();
  const below = (inner, depth) => {
    for (const child of inner.children) {
      if (child.id || DRAWING.has(child.localName) || child.localName === 'incoming' || child.localName === 'outgoing') continue;
      const own = [...child.attributes].map(({ name, value }) => `${name}=${value}`).join(' ');
      const words = child.children.length ? '' : child.textContent.trim();
      lines.push(`${'  '.repeat(depth)}${child.localName}${own ? ` ${own}` : ''}${words ? `: ${words}` : ''}`);
      below(child, depth + 1);
    }
  };
  below(node, 0);
  return lines.join('\n');
}

function formParts(text) {
  const { components = [], ...rest } = JSON.parse(text);
  delete rest.exporter;
  const parts = new Map([['', { label: '·', text: JSON.stringify(rest, null, 1) }]]);
  const walk = (list, prefix) => list.forEach(({ components: inner, ...one }, place) => {
    const label = `${one.label || one.key || one.type} (${one.id ?? `${prefix}${place}`})`;
    parts.set(one.id ?? `${prefix}${place}`, { label, text: JSON.stringify(one, null, 1) });
    if (inner) walk(inner, `${prefix}${place}.`);
  });
  walk(components, '');
  return parts;
}

function rowParts(text) {
  const [header, ...rows] = parseCsv(text).rows.map((row) => row.cells);
  const parts = new Map();
  for (const cells of rows) {
    const key = [cells[0], cells[1]].find((one, place) => place === 0 && !parts.has(one)) ?? `${cells[0]} ${cells[1]}`;
    parts.set(key, { label: key, text: cells.map((cell, place) => `${header[place]}: ${cell}`).join('\n') });
  }
  return parts;
}

function lineParts(text) {
  return new Map(text.split(/\r?\n/).map((line, number) => [number, { label: String(number + 1), text: line }]));
}
