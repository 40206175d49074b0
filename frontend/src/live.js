// Owns the diagram of what runs: where tokens stand, how often, how long; a click chooses an element for a list or for a repair.
import 'diagram-js/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import './live.css';
import { open } from './diagram.js';

const READABLE = 0.6;
const HEATS = 5;
const UNITS = [[86400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']];

class Live {
  constructor(panel) {
    this.panel = panel;
    this.stage = panel.querySelector('[data-diagram]');
    this.marks = JSON.parse(this.stage.dataset.live);
    this.words = JSON.parse(this.stage.dataset.words);
    this.status = panel.querySelector('[data-live-status]');
  }

  async start() {
    this.viewer = await open(this.stage);
    this.canvas = this.viewer.get('canvas');
    this.drawn = Object.entries(this.marks).filter(([id]) => this.viewer.get('elementRegistry').get(id));
    for (const [id, mark] of this.drawn) this.mark(id, mark);
    this.show('count');
    this.fit();
    this.tools();
    this.viewer.on('element.click', ({ element }) => this.choose(element.labelTarget || element));
  }

  mark(id, mark) {
    if (mark.running) this.canvas.addMarker(id, this.isAround(id) ? 'is-around' : 'is-active');
    else if (mark.count) this.canvas.addMarker(id, 'is-done');
    if (mark.failed) this.canvas.addMarker(id, 'is-failed');
  }

  isAround(id) {
    const element = this.viewer.get('elementRegistry').get(id);
    return element.type === 'bpmn:SubProcess' && element.children.length > 0;
  }

  fit() {
    this.canvas.zoom('fit-viewport', 'auto');
    const here = this.drawn.filter(([, mark]) => mark.running).sort(([one], [other]) => this.isAround(one) - this.isAround(other))[0];
    if (!here || this.canvas.zoom() >= READABLE) return;
    this.canvas.zoom(READABLE);
    this.canvas.scrollToElement(here[0], 80);
  }

  tools() {
    const step = (factor) => this.canvas.zoom(this.canvas.zoom() * factor);
    const actions = { in: () => step(1.25), out: () => step(0.8), fit: () => this.canvas.zoom('fit-viewport', 'auto') };
    for (const button of this.panel.querySelectorAll('[data-zoom]')) button.addEventListener('click', actions[button.dataset.zoom]);
    for (const button of this.panel.querySelectorAll('[data-live-mode]')) button.addEventListener('click', () => this.show(button.dataset.liveMode));
  }

  show(mode) {
    for (const button of this.panel.querySelectorAll('[data-live-mode]')) button.setAttribute('aria-pressed', String(button.dataset.liveMode === mode));
    this.viewer.get('overlays').remove({ type: 'live' });
    for (const [id, mark] of this.drawn) {
      this.heat(id, mode === 'heat' ? mark.heat : undefined);
      if (mode === 'median') this.badge(id, 'is-time', this.lasting(mark.median), 'left');
      else if (mark.count) this.badge(id, 'is-past', mark.count, 'left');
      if (mark.running) this.badge(id, 'is-here', mark.running, 'right', mark.since);
      if (mark.failed) this.badge(id, 'is-failed', '!', 'middle');
    }
  }

  heat(id, value) {
    for (let level = 1; level <= HEATS; level += 1) if (this.canvas.hasMarker(id, `heat-${level}`)) this.canvas.removeMarker(id, `heat-${level}`);
    if (value > 0) this.canvas.addMarker(id, `heat-${Math.max(1, Math.ceil(value * HEATS))}`);
  }

  badge(id, kind, text, side, since) {
    if (!text) return;
    const html = document.createElement('span');
    html.className = `live-badge ${kind}`;
    html.textContent = text;
    if (since) html.title = new Date(since).toLocaleString();
    const { width } = this.viewer.get('elementRegistry').get(id);
    const left = { left: -10, middle: width / 2 - 10, right: width - 14 }[side];
    this.viewer.get('overlays').add(id, 'live', { position: { top: -14, left }, html });
  }

  lasting(seconds) {
    if (seconds === null || seconds === undefined) return '';
    const [size, unit] = UNITS.find(([length]) => seconds >= length) || UNITS[3];
    return `${Math.round((seconds / size) * 10) / 10} ${this.words[unit]}`;
  }

  choose(element) {
    const address = this.stage.dataset.elementAddress;
    if (address && element.id in this.marks) window.location.assign(`${address}?element=${encodeURIComponent(element.id)}#instances`);
    else if (!address) this.pick(element);
  }

  // An element with work is where something is to be done; any other is where to.
  pick(element) {
    const place = document.querySelector('[data-picks] [data-place]'), target = document.querySelector('[data-picks] [data-target]');
    if (!place) return;
    const isPlace = has(place, `e:${element.id}`);
    if (!isPlace && !has(target, element.id)) return;
    place.closest('details').open = true;
    if (isPlace) for (const select of document.querySelectorAll('[data-place]')) select.value = `e:${element.id}`;
    else target.value = element.id;
    this.highlight(element.id, isPlace ? 'is-place' : 'is-target');
    this.status.textContent = this.words[isPlace ? 'place' : 'target'].replace('{name}', element.businessObject.name || element.id);
  }

  highlight(id, marker) {
    for (const one of this.viewer.get('elementRegistry').getAll()) if (this.canvas.hasMarker(one.id, marker)) this.canvas.removeMarker(one.id, marker);
    this.canvas.addMarker(id, marker);
  }
}

const has = (select, value) => [...select.options].some((option) => option.value === value);

for (const panel of document.querySelectorAll('[data-live-panel]')) {
  try {
    await new Live(panel).start();
    panel.querySelector('[data-diagram]').setAttribute('data-ready', '');
  } catch {
    panel.querySelector('[data-diagram-failed]').hidden = false;
  }
}
