// Owns a scenario as a form: what is given, step after step, what must come of it. Everything is still the text of the file.
import { button, element, say } from '../studio/texts.js';
import { entryOf, nameOf, parseToml, textOf, writeToml } from './toml.js';

const STEPS = { complete: '""', complete_all: '""', send: '""', wait: '"1个工作日"', until: '2026-11-23T10:00:00' };
const KEYS = {
  '': ['title', 'title_en'],
  given: ['at', 'by', 'registered', 'process', 'variables'],
  when: [...Object.keys(STEPS), 'by', 'answers', 'then'],
  then: ['status', 'result', 'level', 'ended', 'end_event', 'path', 'never', 'open', 'notices', 'cards', 'rows', 'due', 'incidents'],
};
const FIRST_VALUES = { registered: 'false', ended: 'true', incidents: '0', answers: '{}', then: '{}', variables: '{}', rows: '{}', due: '{}', path: '[]', never: '[]', open: '[]', notices: '[]', cards: '[]', at: '2026-11-23T10:00:00', until: '2026-11-23T10:00:00' };
const MOST_STATES = 200;

export async function makeScenario({ canvas, isReadOnly, changed }) {
  const place = element('div', { class: 'scenario' });
  canvas.append(place);
  let blocks = [];
  let past = [];
  let future = [];

  const become = (next) => {
    past = [...past, blocks].slice(-MOST_STATES);
    future = [];
    blocks = next;
    changed();
  };
  const step = (from, to) => {
    if (isReadOnly || !from.length) return;
    to.push(blocks);
    blocks = from.pop();
    changed();
    draw();
  };
  const end = () => (writeToml(blocks).includes('\r\n') ? '\r\n' : '\n');
  const replaceBlock = (number, entries) => become(blocks.map((block, at) => (at === number ? { ...block, entries } : block)));
  const setEntry = (number, row, entry) => replaceBlock(number, blocks[number].entries.map((one, at) => (at === row ? entry : one)));

  function addEntry(number, key) {
    const entries = [...blocks[number].entries];
    let row = entries.length;
    while (row > 0 && entries[row - 1].key === null && !entries[row - 1].raw.includes('#')) row -= 1; // before the empty lines at the end
    if (row > 0 && !entries[row - 1].raw.endsWith('\n')) entries[row - 1] = { ...entries[row - 1], raw: entries[row - 1].raw + end() };
    entries.splice(row, 0, entryOf(key, FIRST_VALUES[key] ?? STEPS[key] ?? '""', end()));
    replaceBlock(number, entries);
    draw();
    place.querySelector(`[data-block="${number}"] [name="${CSS.escape(key)}"]`)?.focus();
  }

  function addStep(number, kind) {
    const made = { head: `[[when]]${end()}`, entries: [entryOf(kind, STEPS[kind], end()), { key: null, value: null, raw: end() }] };
    become([...blocks.slice(0, number), made, ...blocks.slice(number)]);
    draw();
    place.querySelector(`[data-block="${number}"] [name]`)?.focus();
  }

  function move(number, by) {
    const next = [...blocks];
    [next[number], next[number + by]] = [next[number + by], next[number]];
    become(next);
    draw();
  }

  function draw() {
    let count = 0;
    const cards = blocks.map((block, number) => {
      const isStep = nameOf(block) === 'when';
      if (isStep) count += 1;
      return card(block, number, isStep ? say('scenario_step', { number: count }) : titleOf(block), isStep);
    });
    if (!isReadOnly) cards.splice(behindSteps(), 0, adder());
    place.replaceChildren(...cards);
  }

  const titleOf = (block) => (nameOf(block) in { '': 1, given: 1, then: 1 } ? say(`scenario_${nameOf(block) || 'about'}`) : nameOf(block));

  // Where the next step goes: after the last one, else before what must come of it.
  function behindSteps() {
    const names = blocks.map(nameOf);
    if (names.includes('when')) return names.lastIndexOf('when') + 1;
    return names.includes('then') ? names.indexOf('then') : names.length;
  }

  function adder() {
    const kinds = element('select', { class: 'form-select', 'aria-label': say('scenario_kind') }, ...Object.keys(STEPS).map((kind) => element('option', { value: kind }, say(`key_${kind}`))));
    return element('div', { class: 'scenario-add' }, kinds, button(say('scenario_add_step'), () => addStep(behindSteps(), kinds.value)));
  }

  function card(block, number, title, isStep) {
    const kind = nameOf(block);
    const fields = block.entries.map((entry, row) => (entry.key === null ? null : field(entry, number, row))).filter(Boolean);
    const free = (KEYS[kind] ?? []).filter((key) => !block.entries.some((one) => one.key === key) && !(kind === 'when' && key in STEPS));
    const tools = isReadOnly ? [] : [
      ...(isStep ? stepTools(number) : []),
      ...(free.length ? [adding(number, free)] : []),
    ];
    return element('section', { class: 'scenario-card', 'data-block': number, 'aria-label': title }, element('h2', {}, title), ...fields, element('div', { class: 'scenario-tools' }, ...tools));
  }

  function stepTools(number) {
    const isWhen = (at) => blocks[at] && nameOf(blocks[at]) === 'when';
    return [
      ...(isWhen(number - 1) ? [button(say('scenario_up'), () => move(number, -1), 'btn btn-sm btn-outline-secondary')] : []),
      ...(isWhen(number + 1) ? [button(say('scenario_down'), () => move(number, 1), 'btn btn-sm btn-outline-secondary')] : []),
      button(say('scenario_remove'), () => { become(blocks.filter((_, at) => at !== number)); draw(); }, 'btn btn-sm btn-outline-danger'),
    ];
  }

  function adding(number, free) {
    const keys = element('select', { class: 'form-select form-select-sm', 'aria-label': say('scenario_add_entry') }, ...free.map((key) => element('option', { value: key }, words(key))));
    return element('span', { class: 'scenario-adding' }, keys, button(say('scenario_add_entry'), () => addEntry(number, keys.value), 'btn btn-sm btn-outline-secondary'));
  }

  const known = new Set(Object.values(KEYS).flat());
  const words = (key) => (known.has(key) ? say(`key_${key}`) : key);

  function field(entry, number, row) {
    const id = `entry-${number}-${row}`;
    const text = textOf(entry.value);
    const isTruth = entry.value === 'true' || entry.value === 'false';
    const control = isTruth
      ? element('select', { class: 'form-select', id, name: entry.key, disabled: isReadOnly }, ...['true', 'false'].map((value) => element('option', { value, selected: value === entry.value }, say(value === 'true' ? 'yes' : 'no'))))
      : element(entry.value.length > 60 ? 'textarea' : 'input', { class: `form-control${text === null ? ' is-value' : ''}`, id, name: entry.key, readonly: isReadOnly, rows: entry.value.length > 60 ? Math.min(6, Math.ceil(entry.value.length / 60)) : null });
    if (!isTruth) control.value = text ?? entry.value;
    control.addEventListener('input', () => {
      const value = text === null ? control.value.trim() : JSON.stringify(control.value);
      setEntry(number, row, entryOf(entry.key, value, entry.raw.match(/\r?\n$/)?.[0] ?? ''));
    });
    const remove = element('button', { type: 'button', class: 'scenario-remove', 'aria-label': say('scenario_remove_entry', { name: words(entry.key) }), title: say('scenario_remove_entry', { name: words(entry.key) }), onclick: () => {
      replaceBlock(number, blocks[number].entries.filter((_, at) => at !== row));
      draw();
    } }, '✕');
    return element('div', { class: 'scenario-field' }, element('label', { for: id }, words(entry.key)), control, ...(isReadOnly ? [] : [remove]));
  }

  // The block and entry of a line, counted through the text.
  function at(line) {
    let count = 0;
    for (const [number, block] of blocks.entries()) {
      count += block.head ? 1 : 0;
      for (const [row, entry] of block.entries.entries()) {
        count += (entry.raw.match(/\n/g) ?? ['']).length;
        if (count >= line) return place.querySelector(`#entry-${number}-${row}`) ?? place.querySelector(`[data-block="${number}"]`);
      }
    }
    return null;
  }

  return {
    async open(text) {
      try {
        [blocks, past, future] = [parseToml(text), [], []];
      } catch {
        throw new Error(say('not_toml'));
      }
      draw();
    },
    read: async () => writeToml(blocks),
    undo: () => step(past, future),
    redo: () => step(future, past),
    show: () => {},
    goTo(finding) {
      const found = finding.line ? at(finding.line) : finding.element && place.querySelector(`[name="${CSS.escape(finding.element)}"]`);
      found?.scrollIntoView({ block: 'center' });
      found?.focus();
    },
    tools: {},
  };
}
