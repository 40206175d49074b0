// Owns the grid of cells: moving by keys, typing, pasting blocks from a spreadsheet, adding and removing rows.
import { button, element, say } from '../studio/texts.js';
import { parsePasted } from './csv.js';

const MOST_ROWS = 3000;
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export function makeGrid(place, model, isReadOnly) {
  const body = element('tbody');
  const head = element('thead');
  const sheet = element('div', { class: 'sheet' }, element('table', { role: 'grid', 'aria-label': say('grid'), 'aria-readonly': String(isReadOnly) }, head, body));
  const add = () => {
    model.insert(model.rows.length);
    draw();
    focus(model.rows.length - 1, 0);
  };
  const tools = element('div', { class: 'sheet-tools' }, ...(isReadOnly ? [] : [button(say('add_row'), add), element('p', { class: 'hint' }, say('grid_help'))]));
  place.append(tools, sheet);
  let here = [1, 0];
  let found = [];

  function draw() {
    head.replaceChildren(element('tr', { role: 'row' }, element('th', { scope: 'col' }, '#'), ...model.header.map((name) => element('th', { scope: 'col' }, name))));
    body.replaceChildren(...model.rows.slice(1, MOST_ROWS + 1).map((row, number) => line(row, number + 1)));
    mark(found);
    const cell = cellAt(...here) ?? cellAt(1, 0);
    if (cell) cell.tabIndex = 0;
  }

  function line(row, number) {
    const act = (words, sign, work) => element('button', { type: 'button', 'aria-label': words, title: words, onclick: work }, sign);
    const insert = () => { model.insert(number); draw(); focus(number, 0); };
    const remove = () => { model.remove(number); draw(); focus(Math.min(number, model.rows.length - 1), 0); };
    const shown = isReadOnly ? [] : [element('span', { class: 'row-tools' }, act(say('insert_row', { number }), '＋', insert), act(say('remove_row', { number }), '✕', remove))];
    return element('tr', { role: 'row' }, element('th', { scope: 'row' }, String(number), ...shown),
      ...model.header.map((name, column) => element('td', { role: 'gridcell', tabindex: '-1', 'data-row': number, 'data-column': column, 'aria-label': `${name}: ${row.cells[column] ?? ''}` }, row.cells[column] ?? '')));
  }

  const cellAt = (row, column) => body.querySelector(`[data-row="${row}"][data-column="${column}"]`);

  function focus(row, column) {
    const cell = cellAt(row, column);
    if (!cell) return;
    for (const other of body.querySelectorAll('td[tabindex="0"]')) other.tabIndex = -1;
    here = [row, column];
    cell.tabIndex = 0;
    cell.focus();
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  function edit(cell, start = null) {
    if (isReadOnly || cell.querySelector('textarea')) return;
    const [row, column] = [Number(cell.dataset.row), Number(cell.dataset.column)];
    const before = model.rows[row].cells[column] ?? '';
    const field = element('textarea', { rows: '1', 'aria-label': model.header[column] });
    field.value = start ?? before;
    const finish = (isKept, step = null) => {
      if (!field.isConnected) return;
      const text = field.value;
      cell.replaceChildren(isKept ? text : before);
      if (isKept && text !== before) model.set(row, column, text);
      cell.setAttribute('aria-label', `${model.header[column]}: ${isKept ? text : before}`);
      if (step) focus(row + step[0], column + step[1]);
      else if (step !== null) focus(row, column);
    };
    field.addEventListener('blur', () => finish(true));
    field.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Escape') finish(false, []);
      else if (event.key === 'Enter' && !event.altKey && !event.isComposing) finish(true, [1, 0]);
      else if (event.key === 'Tab') finish(true, [0, event.shiftKey ? -1 : 1]);
      else return;
      event.preventDefault();
    });
    cell.replaceChildren(field);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  body.addEventListener('focusin', ({ target }) => { if (target.matches('td')) here = [Number(target.dataset.row), Number(target.dataset.column)]; });
  body.addEventListener('dblclick', ({ target }) => { if (target.matches('td')) edit(target); });
  body.addEventListener('click', ({ target }) => { if (target.matches('td')) focus(Number(target.dataset.row), Number(target.dataset.column)); });
  body.addEventListener('keydown', (event) => {
    const { target: cell, key } = event;
    if (!cell.matches?.('td')) return;
    const [row, column] = here;
    if (event.ctrlKey || event.metaKey) {
      if (key.toLowerCase() === 'z' || key.toLowerCase() === 'y') {
        event.preventDefault();
        if (!isReadOnly && (key.toLowerCase() === 'y' || event.shiftKey ? model.redo() : model.undo())) draw();
        focus(row, column);
      }
      return;
    }
    if (MOVES[key]) focus(row + MOVES[key][0], column + MOVES[key][1]);
    else if (key === 'Home') focus(row, 0);
    else if (key === 'End') focus(row, model.header.length - 1);
    else if (key === 'Enter' || key === 'F2') edit(cell);
    else if (key === 'Delete' && !isReadOnly) { model.set(row, column, ''); draw(); focus(row, column); }
    else if (key.length === 1) edit(cell, key);
    else if (key === 'Process') { edit(cell, ''); return; } // an input method begins: what it composes goes into the field
    else return;
    event.preventDefault();
  });
  body.addEventListener('copy', (event) => {
    if (!event.target.matches('td')) return;
    event.clipboardData.setData('text/plain', event.target.textContent);
    event.preventDefault();
  });
  body.addEventListener('paste', (event) => {
    if (isReadOnly || !event.target.matches('td')) return;
    event.preventDefault();
    const [row, column] = here;
    model.paste(row, column, parsePasted(event.clipboardData.getData('text/plain')));
    draw();
    focus(row, column);
  });

  function mark(findings) {
    found = findings;
    for (const cell of body.querySelectorAll('.is-wrong')) cell.classList.remove('is-wrong');
    for (const { line: at, element: name, message } of findings) {
      const row = model.rowOfLine(at);
      const column = model.header.indexOf(name);
      for (const cell of row > 0 ? body.querySelectorAll(`[data-row="${row}"]${column < 0 ? '' : `[data-column="${column}"]`}`) : []) {
        cell.classList.add('is-wrong');
        cell.title = message;
      }
    }
  }

  return { draw, mark, goTo: (row, name) => focus(Math.max(row ?? 1, 1), Math.max(model.header.indexOf(name), 0)) };
}
