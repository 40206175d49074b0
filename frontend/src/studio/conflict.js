// Owns the view of a conflict: what both began with, what each changed, and three ways out. Chooses none by itself.
import { button, element, say } from './texts.js';
import { partsOf } from './parts.js';

const MOST_SHOWN = 300;

export function showConflict(session, mine, answer) {
  const dialog = session.root.querySelector('[data-dialog]');
  const rows = compare(session.facts, answer.base, mine, answer.theirs);
  const close = async (act) => {
    dialog.close();
    await act();
  };
  dialog.replaceChildren(
    element('h2', { id: 'dialog-title' }, say('conflict_title')),
    element('p', {}, say('conflict_text', { by: answer.by, at: answer.at, version: answer.theirs_version })),
    rows.length ? table(rows) : element('p', { class: 'muted' }, say('only_layout')),
    element('div', { class: 'actions' },
      button(say('take_mine'), () => close(() => session.takeMine(answer.theirs_version)), 'btn btn-primary'),
      button(say('take_theirs'), () => close(() => session.takeTheirs(answer.theirs, answer.theirs_version)), 'btn btn-outline-primary'),
      element('a', { class: 'btn btn-outline-secondary', target: '_blank', rel: 'noopener', href: revisionAddress(session, answer.theirs_version) }, say('open_both')),
      button(say('download_mine'), () => download(session.facts.file, mine), 'btn btn-outline-secondary')),
  );
  dialog.addEventListener('cancel', (event) => event.preventDefault(), { once: true }); // Esc must not leave the question open
  if (!dialog.open) dialog.showModal();
}

function revisionAddress(session, version) {
  return session.facts.content.replace(/content$/, `revisions/${version}`);
}

function compare({ kind, file }, base, mine, theirs) {
  const [began, own, other] = [base, mine, theirs].map((text) => partsOf(kind, file, text));
  const names = new Set([...began.keys(), ...own.keys(), ...other.keys()]);
  const rows = [];
  for (const name of names) {
    const sides = [began, own, other].map((parts) => parts.get(name));
    const [was, is, theirsIs] = sides.map((part) => part?.text);
    if (is === theirsIs) continue;
    const label = sides.find((part) => part).label;
    rows.push({ name, label, was, is, theirsIs, who: is === was ? 'theirs' : theirsIs === was ? 'mine' : 'both' });
  }
  return rows.sort((one, other_) => (one.who === 'both' ? -1 : 0) - (other_.who === 'both' ? -1 : 0));
}

function table(rows) {
  const head = element('tr', {}, ...['part', 'who', 'base', 'mine', 'theirs'].map((name) => element('th', { scope: 'col' }, say(name))));
  const lines = rows.slice(0, MOST_SHOWN).map((row) => element('tr', { class: row.who === 'both' ? 'is-both' : '', 'data-part': row.name },
    element('td', {}, row.label), element('td', {}, say(`conflict_${row.who}`)), ...differing(row).map((text) => element('td', {}, shorten(text)))));
  return element('div', { class: 'three-way', tabindex: '0', role: 'group', 'aria-label': say('conflict_title') }, element('table', {}, element('thead', {}, head), element('tbody', {}, ...lines)));
}

// Of the three texts only the lines that do not stand in all of them.
function differing({ was, is, theirsIs }) {
  const sides = [was, is, theirsIs].filter((text) => text !== undefined).map((text) => text.split('\n'));
  const common = new Set(sides[0].filter((line) => sides.every((lines) => lines.includes(line))));
  return [was, is, theirsIs].map((text) => text?.split('\n').filter((line) => !common.has(line)).join('\n'));
}

const shorten = (text) => (text === undefined ? say('nothing') : text.length > 600 ? `${text.slice(0, 600)}…` : text);

export function download(file, text) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
  element('a', { href: address, download: file.split('/').pop() }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
