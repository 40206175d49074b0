// Owns the read-only diagram: loads a definition, marks where the case is and where it has been. The bpmn.io mark stays visible.
import 'diagram-js/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import { open } from './diagram.js';

const READABLE = 0.7;
const UNREADABLE = 0.4;

async function marked(stage) {
  const viewer = await open(stage);
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const active = JSON.parse(stage.dataset.active || '[]').filter((id) => registry.get(id));
  const done = JSON.parse(stage.dataset.done || '[]').filter((id) => registry.get(id));
  for (const id of done) canvas.addMarker(id, 'is-done');
  for (const id of active) canvas.addMarker(id, isAround(registry.get(id)) ? 'is-around' : 'is-active');
  const here = active.map((id) => registry.get(id)).sort((one, other) => isAround(one) - isAround(other));
  fit(canvas, here, registry.find((element) => element.type === 'bpmn:StartEvent'));
  return canvas;
}

// An expanded sub-process around the active element: marked by its edge only, so that what is inside stands out.
const isAround = (element) => element.type === 'bpmn:SubProcess' && element.children.length > 0;

// A large diagram would be too small to read: begin in a readable size at the active element, on a phone else at the start.
function fit(canvas, active, start) {
  canvas.zoom('fit-viewport', 'auto');
  const target = active[0] || (canvas.zoom() < UNREADABLE ? start : null);
  if (canvas.zoom() >= READABLE || !target) return;
  canvas.zoom(READABLE + 0.05);
  canvas.scrollToElement(target, { top: 80, bottom: 80, left: 80, right: 80 });
}

function tools(panel, stage, canvas) {
  const step = (factor) => canvas.zoom(canvas.zoom() * factor);
  const actions = { in: () => step(1.25), out: () => step(0.8), fit: () => canvas.zoom('fit-viewport', 'auto') };
  for (const button of panel.querySelectorAll('[data-zoom]')) button.addEventListener('click', actions[button.dataset.zoom]);
}

for (const panel of document.querySelectorAll('[data-diagram-panel]')) {
  const stage = panel.querySelector('[data-diagram]');
  try {
    tools(panel, stage, await marked(stage));
    stage.setAttribute('data-ready', '');
  } catch {
    panel.querySelector('[data-diagram-failed]').hidden = false;
  }
}
