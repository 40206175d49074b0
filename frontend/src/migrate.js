// Owns the plan drawn between two diagrams (click a source, then a target; the table's fields hold the truth) and a trial that goes on by itself.
import 'diagram-js/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import './migrate.css';
import { openWhole } from './diagram.js';

const NOWHERE = '-';
const READABLE = 0.45;
const NOTE_MARKS = ['id', 'retyped', 'structure', 'chosen', 'none', 'dropped'].map((note) => `map-${note}`);
const SVG = 'http://www.w3.org/2000/svg';

// --- lines of the table: what each source element becomes -------------------------------------------------------------------------------

function readLines() {
  const rows = [...document.querySelectorAll('[data-line]')];
  return new Map(rows.map((row) => [row.dataset.line, {
    id: row.dataset.line, row, field: row.querySelector('select, input'), proposed: row.dataset.proposed, note: row.dataset.note, standing: Number(row.dataset.standing),
    name: row.querySelector('[data-choose-source]').textContent,
  }]));
}

function wayOf(line) {
  if (line.field.value === NOWHERE) return { target: '', note: 'dropped' };
  if (line.field.value) return { target: line.field.value, note: 'chosen' };
  return { target: line.proposed, note: line.proposed ? line.note : 'none' };
}

// --- the two diagrams -------------------------------------------------------------------------------------------------------------------

// The place that needs a decision, or where most work stands, in a readable size.
function show(viewer, id) {
  const canvas = viewer.get('canvas');
  if (!viewer.get('elementRegistry').get(id)) return;
  if (canvas.zoom() < READABLE) canvas.zoom(READABLE);
  canvas.scrollToElement(id, 60);
}

class Plan {
  constructor(panel, lines, viewers) {
    [this.old, this.now] = viewers;
    this.panel = panel;
    this.lines = lines;
    this.svg = panel.querySelector('.plan-lines');
    this.status = document.querySelector('[data-plan-status]');
    this.picked = null;
    this.showsAll = false;
  }

  start() {
    for (const line of this.lines.values()) {
      if (line.standing && this.old.get('elementRegistry').get(line.id)) this.count(line);
      line.field.addEventListener('change', () => { this.pick(line.id); this.draw(); });
      line.row.querySelector('[data-choose-source]').addEventListener('click', () => { this.pick(line.id); show(this.old, line.id); this.panel.scrollIntoView({ block: 'nearest' }); });
    }
    this.old.on('element.click', ({ element }) => this.pick(idOf(element)));
    this.now.on('element.click', ({ element }) => this.link(idOf(element)));
    for (const viewer of [this.old, this.now]) viewer.on('canvas.viewbox.changed', () => this.later());
    window.addEventListener('resize', () => this.later());
    this.button('[data-plan-none]', () => this.decide(NOWHERE, 'none'));
    this.button('[data-plan-reset]', () => this.decide('', 'proposed'));
    document.querySelector('[data-plan-all]').addEventListener('change', (event) => { this.showsAll = event.target.checked; this.draw(); });
    document.addEventListener('keydown', (event) => { if (event.key === 'Escape') this.pick(null); });
    this.begin();
    this.draw();
  }

  begin() {
    const all = [...this.lines.values()];
    const first = all.find((line) => line.standing && !wayOf(line).target) || all.find((line) => line.standing) || all[0];
    if (!first) return;
    show(this.old, first.id);
    show(this.now, wayOf(first).target || first.id);
  }

  button(selector, action) { document.querySelector(selector).addEventListener('click', action); }

  count(line) {
    const badge = document.createElement('span');
    badge.className = 'standing';
    badge.textContent = line.standing;
    this.old.get('overlays').add(line.id, { position: { top: -14, right: 14 }, html: badge });
  }

  pick(id) {
    const line = this.lines.get(id) || null;
    if (this.picked) this.old.get('canvas').removeMarker(this.picked.id, 'is-picked');
    this.picked = line;
    if (line && this.old.get('elementRegistry').get(line.id)) this.old.get('canvas').addMarker(line.id, 'is-picked');
    for (const button of document.querySelectorAll('[data-plan-none], [data-plan-reset]')) button.disabled = !line;
    this.say(line ? 'picked' : 'idle', { name: line ? line.name : '' });
    this.draw();
  }

  link(id) {
    if (!this.picked || !id) return;
    const before = this.picked.field.value;
    this.picked.field.value = id;
    if (this.picked.field.value !== id) { this.picked.field.value = before; return; } // a flow or a label: nothing a token can go to
    this.decided('linked', { from: this.picked.name, to: nameOf(this.now, id) });
  }

  decide(value, words) {
    if (!this.picked) return;
    this.picked.field.value = value;
    this.decided(words, { name: this.picked.name });
  }

  decided(words, names) {
    this.pick(null);
    this.say(words, names);
  }

  say(words, names) {
    this.status.textContent = this.status.dataset[words].replace(/\{(\w+)\}/g, (_all, name) => names[name] ?? '');
  }

  later() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.drawLines());
  }

  draw() {
    this.mark();
    this.drawLines();
  }

  mark() {
    const targets = new Map();
    for (const line of this.lines.values()) {
      const way = wayOf(line);
      setMark(this.old, line.id, `map-${way.note}`);
      if (way.target && targets.get(way.target) !== 'chosen') targets.set(way.target, way.note);
    }
    for (const element of this.now.get('elementRegistry').getAll()) setMark(this.now, element.id, targets.has(element.id) ? `map-${targets.get(element.id)}` : '');
  }

  drawLines() {
    const frame = this.panel.getBoundingClientRect();
    this.svg.replaceChildren();
    for (const line of this.lines.values()) {
      const way = wayOf(line);
      if (!way.target || !(this.showsAll || way.note !== 'id' || line === this.picked)) continue;
      const from = foot(this.old, line.id, frame), to = foot(this.now, way.target, frame);
      if (from && to) this.svg.append(curve(from, to, way.note), end(to, way.note));
    }
  }
}

const idOf = (element) => (element.labelTarget || element).id;

function nameOf(viewer, id) {
  const element = viewer.get('elementRegistry').get(id);
  return (element && element.businessObject.name) || id;
}

function setMark(viewer, id, mark) {
  const canvas = viewer.get('canvas');
  if (!viewer.get('elementRegistry').get(id)) return;
  for (const other of NOTE_MARKS) if (other !== mark && canvas.hasMarker(id, other)) canvas.removeMarker(id, other);
  if (mark) canvas.addMarker(id, mark);
}

// The middle of an element's lower side on the page, or nothing when it is scrolled out of its stage.
function foot(viewer, id, frame) {
  const element = viewer.get('elementRegistry').get(id);
  if (!element) return null;
  const canvas = viewer.get('canvas');
  const stage = canvas.getContainer().getBoundingClientRect();
  const box = canvas.getAbsoluteBBox(element);
  const x = box.x + box.width / 2, y = box.y + box.height;
  if (x < 0 || y < 0 || x > stage.width || y > stage.height) return null;
  return { x: stage.left - frame.left + x, y: stage.top - frame.top + y };
}

// A line that hangs below the drawing, so that it is not taken for one of its flows.
function curve(from, to, note) {
  const depth = Math.max(from.y, to.y) + 90;
  return drawn('path', { d: `M${from.x} ${from.y} C${from.x} ${depth} ${to.x} ${depth} ${to.x} ${to.y}`, class: `line-${note}` });
}

const end = (at, note) => drawn('path', { d: `M${at.x - 5} ${at.y + 9} L${at.x} ${at.y} L${at.x + 5} ${at.y + 9}`, class: `line-${note} line-end` });

function drawn(name, attributes) {
  const shape = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
  return shape;
}

// --- a trial that goes on -----------------------------------------------------------------------------------------------------------------

class Trial {
  constructor(panel) {
    this.panel = panel;
    this.next = panel.dataset.next;
    this.tried = Number(panel.dataset.tried);
    this.causes = document.querySelector('[data-causes]');
  }

  async run() {
    this.panel.querySelector('.more-trial').hidden = true;
    try {
      while (this.next) this.take(await this.ask());
      this.panel.setAttribute('data-complete', '');
    } catch {
      this.panel.querySelector('.more-trial').hidden = false; // goes on by hand
    }
  }

  async ask() {
    const answer = await fetch(`${this.panel.dataset.trial}&after=${this.next}`, { headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.json();
  }

  take(found) {
    this.next = found.next;
    this.tried += found.tried;
    for (const [code, count] of Object.entries(found.counts)) add(this.panel.querySelector(`[data-count="${code}"]`), count);
    for (const cause of found.causes) this.cause(cause);
    const bar = this.panel.querySelector('progress'), status = this.panel.querySelector('[data-trial-status]');
    [bar.max, bar.value] = [found.total, this.tried];
    status.textContent = status.dataset.words.replace('{tried}', this.tried).replace('{total}', found.total);
  }

  cause(cause) {
    this.causes.hidden = false;
    const body = this.causes.querySelector('tbody');
    const known = [...body.rows].find((row) => row.dataset.cause === cause.key);
    if (known) return add(known.querySelector('strong'), cause.count);
    const row = body.insertRow();
    row.dataset.cause = cause.key;
    const count = document.createElement('strong');
    count.textContent = cause.count;
    row.insertCell().append(count);
    row.insertCell().textContent = cause.message;
    row.insertCell().textContent = cause.remedy;
    row.insertCell().append(...cause.ids.flatMap((id) => [instanceLink(body.dataset.instanceAddress, id), ' ']));
  }
}

function add(place, count) { place.textContent = Number(place.textContent) + count; }

function instanceLink(address, id) {
  const link = document.createElement('a');
  link.href = address.replace(/0$/, id);
  link.textContent = id;
  return link;
}

for (const panel of document.querySelectorAll('[data-plan]')) {
  try {
    new Plan(panel, readLines(), await Promise.all([...panel.querySelectorAll('[data-diagram]')].map(openWhole))).start();
    panel.setAttribute('data-ready', '');
  } catch {
    document.querySelector('[data-plan-failed]').hidden = false;
  }
}
for (const panel of document.querySelectorAll('[data-trial]')) new Trial(panel).run();
