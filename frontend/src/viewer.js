// Owns the read-only diagram: loads a definition, marks where the case is and where it has been. The bpmn.io mark stays visible.
import 'diagram-js/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

async function open(stage) {
  const viewer = new NavigatedViewer({ container: stage });
  const answer = await fetch(stage.dataset.diagram);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  await viewer.importXML(await answer.text());
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  const active = JSON.parse(stage.dataset.active || '[]').filter((id) => registry.get(id));
  const done = JSON.parse(stage.dataset.done || '[]').filter((id) => registry.get(id));
  for (const id of done) canvas.addMarker(id, 'is-done');
  for (const id of active) canvas.addMarker(id, 'is-active');
  fit(canvas, stage, active.map((id) => registry.get(id)));
  return canvas;
}

// On a phone the whole diagram would be too small to read: begin at the active element instead.
function fit(canvas, stage, active) {
  canvas.zoom('fit-viewport', 'auto');
  if (canvas.zoom() >= 0.45 || stage.clientWidth > 700) return;
  canvas.zoom(0.6);
  const target = active[0] || null;
  if (target) canvas.scrollToElement(target, { top: 60, bottom: 60, left: 60, right: 60 });
}

function tools(panel, stage, canvas) {
  const step = (factor) => canvas.zoom(canvas.zoom() * factor);
  const actions = { in: () => step(1.25), out: () => step(0.8), fit: () => canvas.zoom('fit-viewport', 'auto') };
  for (const button of panel.querySelectorAll('[data-zoom]')) button.addEventListener('click', actions[button.dataset.zoom]);
}

for (const panel of document.querySelectorAll('[data-diagram-panel]')) {
  const stage = panel.querySelector('[data-diagram]');
  try {
    tools(panel, stage, await open(stage));
    stage.setAttribute('data-ready', '');
  } catch {
    panel.querySelector('[data-diagram-failed]').hidden = false;
  }
}
