// Owns the diagram editor: drawing, properties, element templates, simulation, and the places of findings. Saves nothing itself.
import './bpmn.css';
import Modeler from 'camunda-bpmn-js/lib/camunda-platform/Modeler';
import ElementTemplateChooserModule from '@bpmn-io/element-template-chooser';
import TokenSimulationModule from 'bpmn-js-token-simulation';
import LintModule from 'bpmn-js-bpmnlint';
import lint from './lint.js';
import { missingWords, translation } from './translate.js';
import { element, say } from '../studio/texts.js';
import { groupedBy } from '../studio/grouping.js';
import { get } from '../studio/server.js';
import { explainKeys } from './keys.js';

// In a decision table these two compare dates.
const OWN_WORDS = { Before: '之前', After: '之后' };

export async function makeBpmn({ root, canvas, properties, isReadOnly, facts, changed, notify }) {
  const modeler = new Modeler({
    container: canvas,
    propertiesPanel: { parent: properties },
    linting: { bpmnlint: lint, active: !isReadOnly },
    disableAdjustOrigin: true,
    exporter: { name: 'doudi', version: '1' },
    additionalModules: [translation(OWN_WORDS), ElementTemplateChooserModule, TokenSimulationModule, LintModule],
  });
  Object.assign(canvas, { modeler, missingWords }); // for the browser tests, and for whoever looks into a problem
  await offerTemplates(modeler, facts, notify);
  let loaded = '';
  let pristine = '';
  const write = async () => (await modeler.saveXML({ format: true })).xml;
  modeler.on('commandStack.changed', ({ trigger }) => { if (trigger !== 'clear') changed(); });

  return {
    async open(text) {
      const { warnings } = await modeler.importXML(text);
      if (warnings.length) notify(say('import_warnings', { count: warnings.length, first: warnings[0].message }));
      modeler.get('canvas').zoom('fit-viewport', 'auto');
      loaded = text;
      pristine = await write();
    },
    // What was not changed keeps its bytes, even after it was changed and taken back.
    async read() {
      if (!modeler.get('commandStack').canUndo()) return loaded; // taking back leaves traces in the drawing that mean nothing
      const now = await write();
      return now === pristine ? loaded : now;
    },
    undo: () => modeler.get('commandStack').undo(),
    redo: () => modeler.get('commandStack').redo(),
    show: (findings) => mark(modeler, findings),
    goTo: (finding) => goTo(modeler, finding.element),
    tools: {
      search: () => modeler.get('searchPad').toggle(),
      minimap: () => modeler.get('minimap').toggle(),
      fit: () => modeler.get('canvas').zoom('fit-viewport', 'auto'),
      simulate: (tool) => {
        modeler.get('toggleMode').toggleMode();
        tool.setAttribute('aria-pressed', String(modeler.get('canvas').getContainer().classList.contains('simulation')));
      },
      keyboard: () => explainKeys(root),
    },
  };
}

async function offerTemplates(modeler, facts, notify) {
  const found = await get(facts.vocabulary);
  if (found.outcome !== 'ok') {
    notify(say('template_failed'));
    return;
  }
  modeler.on('elementTemplates.errors', ({ errors }) => notify(`${say('template_failed')}: ${errors[0].message}`));
  modeler.get('elementTemplatesLoader').setTemplates(found.list);
}

function mark(modeler, findings) {
  const [overlays, registry, canvas] = ['overlays', 'elementRegistry', 'canvas'].map((name) => modeler.get(name));
  overlays.remove({ type: 'finding' });
  for (const shape of registry.getAll()) canvas.removeMarker(shape, 'is-found');
  const byElement = groupedBy(findings.filter((one) => one.element && registry.get(one.element)), (one) => one.element);
  for (const [id, some] of byElement) {
    const isError = some.some((one) => one.severity === 'error');
    const text = some.map((one) => `${one.message} ${one.remedy}`).join('\n');
    const html = element('button', { type: 'button', class: `finding-mark finding-mark-${isError ? 'error' : 'warning'}`, title: text, 'aria-label': text, onclick: () => goTo(modeler, id) }, '!');
    if (canvas.getRootElements().includes(registry.get(id))) continue; // the process itself has no place in the drawing
    overlays.add(id, 'finding', { position: { top: -11, left: -11 }, html });
    if (isError) canvas.addMarker(id, 'is-found');
  }
}

function goTo(modeler, id) {
  const [registry, canvas, selection] = ['elementRegistry', 'canvas', 'selection'].map((name) => modeler.get(name));
  const shape = id && registry.get(id);
  if (!shape) return;
  const plane = canvas.findRoot(shape);
  if (plane && plane !== canvas.getRootElement()) canvas.setRootElement(plane);
  if (shape !== plane) canvas.scrollToElement(shape, { top: 120, bottom: 120, left: 160, right: 120 });
  selection.select(shape);
  canvas.focus();
}
