// Owns the form editor and the preview, which the server writes as a clerk will see it. Saves nothing itself.
import './form.css';
import { FormEditor } from '@bpmn-io/form-js-editor';
import { missingWords, translation } from './translate.js';
import { element, say } from '../studio/texts.js';
import { groupedBy } from '../studio/grouping.js';
import { page } from '../studio/server.js';

export async function makeForm({ canvas, facts, changed }) {
  const place = element('div', { 'data-editor-place': true });
  const preview = element('div', { class: 'previewed', hidden: true });
  canvas.append(place, preview);
  const editor = new FormEditor({ container: place, additionalModules: [translation()] });
  Object.assign(canvas, { editor, missingWords });
  let loaded = '';
  let pristine = '';
  let shape = { indent: 2, end: '\n', began: {} };
  const write = () => JSON.stringify(tidy(editor.saveSchema(), shape.began), null, shape.indent) + shape.end;
  editor.on('commandStack.changed', ({ trigger }) => { if (trigger !== 'clear') changed(); });
  const text = () => {
    const now = write();
    return now === pristine ? loaded : now;
  };

  return {
    async open(source) {
      const schema = JSON.parse(source);
      shape = { indent: source.match(/^[ \t]+(?=")/m)?.[0] ?? 2, end: source.match(/\s*$/)[0], began: schema };
      await editor.importSchema(schema);
      loaded = source;
      pristine = write();
    },
    read: async () => text(),
    undo: () => editor.get('commandStack').undo(),
    redo: () => editor.get('commandStack').redo(),
    show: (findings) => mark(editor, place, findings),
    goTo: (finding) => select(editor, place, finding.element),
    tools: {
      async preview(tool) {
        const isShown = preview.hidden;
        if (isShown) preview.innerHTML = (await page(facts.preview, { content: text() })) ?? '';
        [preview.hidden, place.hidden] = [!isShown, isShown];
        tool.setAttribute('aria-pressed', String(isShown));
        tool.lastChild.textContent = ` ${say(isShown ? 'back_to_editing' : 'preview')}`;
      },
    },
  };
}

// What the editor adds about itself is no change of the form; everything else keeps the order in which it was written.
function tidy({ exporter: _exporter, ...schema }, began) {
  const known = new Map([...flat(began.components)].map((one) => [one.id, one]));
  const rows = groupedBy([...flat(schema.components)], (one) => one.layout?.row);
  const component = (one) => {
    const before = known.get(one.id);
    const isAlone = one.layout && !before?.layout && Object.keys(one.layout).length === 1 && rows.get(one.layout.row).length === 1;
    const { layout, components, ...rest } = one;
    const kept = { ...rest, ...(layout && !isAlone ? { layout } : {}), ...(components ? { components: components.map(component) } : {}) };
    return before ? inOrder(kept, before) : kept;
  };
  const kept = { ...schema, ...('schemaVersion' in began ? { schemaVersion: began.schemaVersion } : {}), components: (schema.components ?? []).map(component) };
  return inOrder(kept, began);
}

function* flat(components = []) {
  for (const one of components) {
    yield one;
    yield* flat(one.components);
  }
}

function inOrder(value, before) {
  const names = [...Object.keys(before).filter((name) => name in value), ...Object.keys(value).filter((name) => !(name in before))];
  return Object.fromEntries(names.map((name) => [name, value[name]]));
}

const fieldOf = (editor, id) => editor.get('formFieldRegistry').getAll().find((field) => field.id === id || field.key === id || field._path?.join('.') === id);

function select(editor, place, id) {
  const field = id && fieldOf(editor, id);
  if (!field) return;
  editor.get('selection').set(field);
  place.querySelector(`[data-id="${CSS.escape(field.id)}"]`)?.scrollIntoView({ block: 'center' });
}

function mark(editor, place, findings) {
  for (const one of place.querySelectorAll('.fjs-is-found')) one.classList.remove('fjs-is-found');
  for (const finding of findings) {
    const field = finding.element && fieldOf(editor, finding.element);
    const box = field && place.querySelector(`[data-id="${CSS.escape(field.id)}"]`);
    if (!box) continue;
    box.classList.add('fjs-is-found');
    box.title = finding.message;
  }
}
