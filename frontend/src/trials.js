// Owns the pages of trials: how far long work is, and diagrams with the way of a case or the counts of many.
import 'diagram-js/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import './trials.css';

const ASK_AGAIN = 700;

// ---- long work ----
async function follow(panel) {
  const bar = panel.querySelector('progress');
  const count = panel.querySelector('[data-work-count]');
  const answer = await fetch(panel.dataset.work, { headers: { Accept: 'application/json' } });
  if (!answer.ok) return location.reload();
  const { done, total, is_ended: isEnded } = await answer.json();
  if (isEnded) return location.reload();
  if (total) {
    bar.max = total;
    bar.value = done;
    count.textContent = count.dataset.words.replace('{done}', done).replace('{total}', total);
  }
  return later(panel);
}

const later = (panel) => setTimeout(() => follow(panel).catch(() => later(panel)), ASK_AGAIN);

for (const panel of document.querySelectorAll('[data-work]')) later(panel);

// ---- diagrams ----
const badge = (text, name) => {
  const element = document.createElement('span');
  element.className = `trial-badge ${name}`;
  element.textContent = text;
  return element;
};

// A loop comes by often: the first stops say enough.
const words = (numbers) => (numbers.length > 3 ? `${numbers.slice(0, 2).join(', ')} … ×${numbers.length}` : numbers.join(', '));

function markWay(panel, canvas, overlays, has) {
  const stops = JSON.parse(panel.dataset.stops);
  for (const [id, numbers] of Object.entries(stops)) {
    if (!has(id)) continue;
    canvas.addMarker(id, 'is-done');
    overlays.add(id, { position: { top: -10, left: -10 }, html: badge(words(numbers), 'is-stop') });
  }
  for (const id of JSON.parse(panel.dataset.standing)) if (has(id)) canvas.addMarker(id, 'is-active');
  for (const id of JSON.parse(panel.dataset.failed)) if (has(id)) canvas.addMarker(id, 'is-failed');
}

function markCounts(panel, canvas, overlays, has) {
  for (const [id, number] of Object.entries(JSON.parse(panel.dataset.counts))) {
    if (!has(id)) continue;
    canvas.addMarker(id, number ? 'is-done' : 'is-gap');
    overlays.add(id, { position: { top: -10, left: -10 }, html: badge(String(number), number ? 'is-stop' : 'is-none') });
  }
}

async function draw(panel) {
  if (panel.hasAttribute('data-drawn')) return;
  panel.setAttribute('data-drawn', '');
  try {
    const { open } = await import('./diagram.js');
    const viewer = await open(panel.querySelector('.stage'), panel.dataset.trialDiagram);
    const registry = viewer.get('elementRegistry');
    const mark = panel.dataset.counts ? markCounts : markWay;
    mark(panel, viewer.get('canvas'), viewer.get('overlays'), (id) => Boolean(registry.get(id)));
    viewer.get('canvas').zoom('fit-viewport', 'auto');
    panel.setAttribute('data-ready', '');
  } catch {
    panel.querySelector('[data-diagram-failed]').hidden = false;
  }
}

for (const panel of document.querySelectorAll('[data-trial-diagram]')) {
  panel.addEventListener('toggle', () => panel.open && draw(panel));
  if (panel.open) draw(panel);
}
