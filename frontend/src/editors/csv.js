// Reads CSV so that what is not changed is written back byte for byte: each row remembers how it stood in the file.
const BOM = '\ufeff';

// { bom, end, rows: [{ cells, raw }] }; raw ends with the row's own line end. Throws when quotation marks do not pair.
export function parseCsv(text) {
  const bom = text.startsWith(BOM) ? BOM : '';
  const body = text.slice(bom.length);
  const rows = [];
  let place = 0;
  while (place < body.length) {
    const row = readRow(body, place);
    rows.push({ cells: row.cells, raw: body.slice(place, row.next) });
    place = row.next;
  }
  const windows = rows.filter((row) => row.raw.endsWith('\r\n')).length;
  const others = rows.filter((row) => /[^\r]\n$/.test(row.raw)).length;
  return { bom, end: windows > others ? '\r\n' : '\n', rows };
}

function readRow(body, start) {
  const cells = [];
  let place = start;
  for (;;) {
    const cell = body[place] === '"' ? readQuoted(body, place + 1) : readPlain(body, place);
    cells.push(cell.text);
    place = cell.next;
    if (body[place] === ',') place += 1;
    else break;
  }
  if (body[place] === '\r') place += 1;
  if (body[place] === '\n') place += 1;
  return { cells, next: place };
}

function readQuoted(body, start) {
  let text = '';
  for (let place = start; place < body.length; place += 1) {
    if (body[place] !== '"') text += body[place];
    else if (body[place + 1] === '"') {
      text += '"';
      place += 1;
    } else {
      const next = body[place + 1];
      if (next !== undefined && next !== ',' && next !== '\r' && next !== '\n') throw new Error('CSV');
      return { text, next: place + 1 };
    }
  }
  throw new Error('CSV');
}

function readPlain(body, start) {
  let place = start;
  while (place < body.length && body[place] !== ',' && body[place] !== '\n' && body[place] !== '\r') {
    if (body[place] === '"') throw new Error('CSV');
    place += 1;
  }
  return { text: body.slice(start, place), next: place };
}

export function writeCsv({ bom, end, rows }) {
  return bom + rows.map((row, place) => rawOf(row, end, place === rows.length - 1)).join('');
}

// The last row of a file may have no line end; a row that comes after it gives it one.
function rawOf(row, end, isLast) {
  const raw = row.raw ?? row.cells.map(quoted).join(',') + end;
  return isLast || raw.endsWith('\n') || raw.endsWith('\r') ? raw : raw + end;
}

const quoted = (cell) => (/[",\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell);

export const changedRow = (cells) => ({ cells, raw: null });

// What a spreadsheet puts on the clipboard: cells by tabs, rows by line ends, quoted where a cell holds either.
export function parsePasted(text) {
  const rows = [[]];
  let cell = '';
  let isQuoted = false;
  const body = text.replaceAll('\r\n', '\n').replace(/\n$/, '');
  for (let place = 0; place < body.length; place += 1) {
    const sign = body[place];
    if (isQuoted && sign === '"' && body[place + 1] === '"') { cell += '"'; place += 1; }
    else if (sign === '"' && (isQuoted || cell === '')) isQuoted = !isQuoted;
    else if (!isQuoted && sign === '\t') { rows.at(-1).push(cell); cell = ''; }
    else if (!isQuoted && sign === '\n') { rows.at(-1).push(cell); cell = ''; rows.push([]); }
    else cell += sign;
  }
  rows.at(-1).push(cell);
  return rows;
}
