// Owns the decision editor: the requirement graph, tables and expressions of one file, one view at a time. Saves nothing itself.
import './dmn.css';
import { CamundaPlatformModeler } from 'camunda-dmn-js';
import { missingWords, translation } from './translate.js';
import { element, say } from '../studio/texts.js';

export async function makeDmn({ canvas, properties, views, isReadOnly, changed }) {
  const own = { additionalModules: [translation()] };
  const modeler = new CamundaPlatformModeler({
    container: canvas,
    drd: { propertiesPanel: { parent: properties }, ...own },
    decisionTable: own,
    literalExpression: own,
    boxedExpression: own,
  });
  Object.assign(canvas, { modeler, missingWords });
  let loaded = '';
  let pristine = '';
  let found = [];
  const write = async () => (await modeler.saveXML({ format: true })).xml;
  const stack = () => modeler.getActiveViewer()?.get('commandStack', false);
  modeler.on('viewer.created', ({ viewer }) => viewer.on('commandStack.changed', ({ trigger }) => { if (trigger !== 'clear') changed(); }));
  modeler.on('views.changed', () => {
    showViews(modeler, views, canvas, properties);
    markRows(canvas, found);
  });

  return {
    async open(text) {
      await modeler.importXML(text);
      loaded = text;
      pristine = await write();
      const table = modeler.getViews().find((view) => view.type !== 'drd');
      if (table) await modeler.open(table);
      showViews(modeler, views, canvas, properties);
    },
    async read() {
      const now = await write();
      return now === pristine ? loaded : now;
    },
    undo: () => isReadOnly || stack()?.undo(),
    redo: () => isReadOnly || stack()?.redo(),
    show(findings) {
      found = findings;
      markRows(canvas, found);
    },
    goTo: (finding) => goTo(modeler, canvas, finding.element),
    tools: {},
  };
}

function showViews(modeler, place, canvas, properties) {
  const active = modeler.getActiveView();
  place.hidden = false;
  place.replaceChildren(...modeler.getViews().map((view) => element('button', {
    type: 'button', class: 'btn btn-sm btn-outline-secondary', 'aria-pressed': String(view.id === active?.id && view.type === active?.type), onclick: () => modeler.open(view),
  }, view.type === 'drd' ? say('drd') : view.name || view.id)));
  canvas.dataset.view = active?.type ?? '';
  properties.hidden = active?.type !== 'drd';
}

function markRows(canvas, findings) {
  for (const row of canvas.querySelectorAll('.dmn-found')) row.classList.remove('dmn-found');
  for (const { element: id, message } of findings) {
    const cell = id && canvas.querySelector(`[data-row-id="${CSS.escape(id)}"], [data-element-id="${CSS.escape(id)}"]`);
    const row = cell?.closest('tr');
    if (!row) continue;
    row.classList.add('dmn-found');
    row.title = message;
  }
}

async function goTo(modeler, canvas, id) {
  if (!id) return;
  const decision = modeler.getDefinitions().get('drgElement').find((one) => one.id === id || holds(one, id));
  const view = decision && modeler.getViews().find((one) => one.element === decision);
  if (view && view.element !== modeler.getActiveView()?.element) await modeler.open(view);
  const place = canvas.querySelector(`[data-row-id="${CSS.escape(id)}"], [data-element-id="${CSS.escape(id)}"]`);
  place?.scrollIntoView({ block: 'center', inline: 'nearest' });
  (place?.querySelector('[contenteditable]') ?? place)?.click();
}

// Whether a decision holds an element of this id: a rule, a cell, an input.
function holds(decision, id) {
  const seen = new Set();
  const walk = (node) => {
    if (!node || typeof node !== 'object' || seen.has(node)) return false;
    seen.add(node);
    if (node.id === id) return true;
    return Object.entries(node).some(([name, value]) => !name.startsWith('$') && !name.endsWith('Ref') && (Array.isArray(value) ? value.some(walk) : value?.$type ? walk(value) : false));
  };
  return walk(decision);
}
