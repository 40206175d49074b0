// Owns a CSV file open in the studio: one model under two views, the grid and, for notice texts, the list of letters.
import { element, say } from '../studio/texts.js';
import { changedRow, parseCsv, writeCsv } from './csv.js';
import { makeGrid } from './grid.js';
import { makeLetters } from './letters.js';

const MOST_STATES = 200;

export async function makeTable({ canvas, views, kind, isReadOnly, changed }) {
  const model = new Table(changed);
  const place = element('div');
  canvas.append(place);
  Object.assign(canvas, { table: model });
  const shapes = kind === 'notice' ? { messages: makeLetters, grid: makeGrid } : { grid: makeGrid };
  let view = null;
  let found = [];
  const show = (name) => {
    place.replaceChildren();
    view = shapes[name](place, model, isReadOnly);
    view.draw();
    view.mark(found);
    for (const tab of views.children) tab.setAttribute('aria-pressed', String(tab.dataset.view === name));
  };
  if (Object.keys(shapes).length > 1) {
    views.hidden = false;
    views.append(...Object.keys(shapes).map((name) => element('button', { type: 'button', class: 'btn btn-sm btn-outline-secondary', 'data-view': name, onclick: () => show(name) }, say(name))));
  }
  const redraw = (act) => {
    if (!isReadOnly && act()) view.draw();
  };

  return {
    async open(text) {
      try {
        model.open(text);
      } catch {
        throw new Error(say('not_csv'));
      }
      show(Object.keys(shapes)[0]);
    },
    read: async () => model.write(),
    undo: () => redraw(() => model.undo()),
    redo: () => redraw(() => model.redo()),
    show(findings) {
      found = findings;
      view?.mark(found);
    },
    goTo: (finding) => view.goTo(model.rowOfLine(finding.line), finding.element),
    tools: {},
  };
}

// Rows never change in place: a state is a list of rows, so that undo is going back in a list.
class Table {
  constructor(changed) {
    this.changed = changed;
  }

  open(text) {
    this.file = parseCsv(text);
    this.past = [];
    this.future = [];
    if (!this.rows.length) throw new Error('CSV');
  }

  get rows() {
    return this.file.rows;
  }

  get header() {
    return this.rows[0].cells;
  }

  write() {
    return writeCsv(this.file);
  }

  become(rows) {
    this.past = [...this.past, this.rows].slice(-MOST_STATES);
    this.future = [];
    this.file = { ...this.file, rows };
    this.changed();
  }

  set(row, column, text) {
    this.paste(row, column, [[text]]);
  }

  // A block of cells; rows that are not there yet are added below.
  paste(row, column, block) {
    const rows = [...this.rows];
    while (rows.length < row + block.length) rows.push(changedRow(this.header.map(() => '')));
    let isSame = rows.length === this.rows.length;
    block.forEach((texts, down) => {
      const before = rows[row + down];
      const cells = this.header.map((_, place) => texts[place - column] ?? before.cells[place] ?? '');
      if (cells.every((cell, place) => cell === before.cells[place])) return;
      rows[row + down] = changedRow(cells);
      isSame = false;
    });
    if (!isSame) this.become(rows);
  }

  insert(place, cells = this.header.map(() => '')) {
    this.become([...this.rows.slice(0, place), changedRow(cells), ...this.rows.slice(place)]);
  }

  remove(place) {
    this.become(this.rows.filter((_, number) => number !== place));
  }

  undo() {
    return this.step(this.past, this.future);
  }

  redo() {
    return this.step(this.future, this.past);
  }

  step(from, to) {
    if (!from.length) return false;
    to.push(this.rows);
    this.file = { ...this.file, rows: from.pop() };
    this.changed();
    return true;
  }

  // The server names the line on which a row ends.
  rowOfLine(line) {
    if (!line) return null;
    let count = 0;
    return this.rows.findIndex((row) => {
      count += ((row.raw ?? `${row.cells.join('')}\n`).match(/\r\n|\r|\n/g) ?? ['']).length;
      return count >= line;
    });
  }
}
