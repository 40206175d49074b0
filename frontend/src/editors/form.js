// Owns the form editor and the preview, which the server writes as a clerk will see it. Saves nothing itself.
import './form.css';
import { FormEditor } from '@bpmn-io/form-js-editor';
import words, { missingWords } from './translate.js';
import { element, say } from '../studio/texts.js';
import { page } from '../studio/server.js';

export async function makeForm({ canvas, facts, changed }) {
  const place = element('div', { 'data-editor-place': true });
  const preview = element('div', { class: 'previewed', hidden: true });
  canvas.append(place, preview);
  const editor = new FormEditor({ container: place, additionalModules: [words] });
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

// What the editor adds about itself is no change of the form; what stood at the top keeps its order.
function tidy({ exporter: _exporter, ...schema }, began) {
  const kept = {};
  for (const name of Object.keys(began)) if (name in schema) kept[name] = name === 'schemaVersion' ? Math.max(began[name], 0) : schema[name];
  return { ...schema, ...kept };
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
