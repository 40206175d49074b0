// Owns the typing area: highlighting, search, undo, marks beside lines. Knows nothing of drafts.
import { EditorState, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { defaultKeymap, history, historyKeymap, redo, undo } from '@codemirror/commands';
import { StreamLanguage, bracketMatching, defaultHighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from '@codemirror/search';
import { json } from '@codemirror/lang-json';
import { xml } from '@codemirror/lang-xml';
import { toml } from '@codemirror/legacy-modes/mode/toml';

const SEARCH_ZH = {
  Find: '查找', Replace: '替换', replace: '替换', 'replace all': '全部替换', next: '下一个', previous: '上一个', all: '全选', 'match case': '区分大小写', regexp: '正则', 'by word': '整词', close: '关闭', 'current match': '当前匹配', 'replaced $ matches': '替换了 $ 处', 'replaced match on line $': '替换了第 $ 行', 'on line': '在第几行', 'Go to line': '跳到行', go: '跳',
};

const setMarks = StateEffect.define();
const marks = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    const set = transaction.effects.find((effect) => effect.is(setMarks));
    return set ? decorate(transaction.state.doc, set.value) : value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

function decorate(text, findings) {
  const builder = new RangeSetBuilder();
  for (const { line, message } of [...findings].sort((one, other) => one.line - other.line)) {
    if (line < 1 || line > text.lines) continue;
    const { from } = text.line(line);
    builder.add(from, from, Decoration.line({ attributes: { class: 'cm-found', title: message } }));
  }
  return builder.finish();
}

function languageOf(file) {
  if (/\.(bpmn|dmn)$/.test(file)) return [xml()];
  if (file.endsWith('.form')) return [json()];
  return file.endsWith('.toml') ? [StreamLanguage.define(toml)] : [];
}

export function basic({ parent, file, isReadOnly, changed }) {
  const extensions = [
    lineNumbers(), history(), drawSelection(), highlightActiveLine(), bracketMatching(), highlightSelectionMatches(), marks,
    syntaxHighlighting(defaultHighlightStyle, { fallback: true }), search({ top: true }), EditorView.lineWrapping,
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
    EditorState.readOnly.of(isReadOnly), EditorView.contentAttributes.of({ 'aria-label': file }),
    LANG === 'zh' ? EditorState.phrases.of(SEARCH_ZH) : [],
    EditorView.theme({ '.cm-found': { backgroundColor: '#fdecec' }, '.cm-scroller': { fontFamily: 'ui-monospace, "Noto Sans Mono CJK SC", monospace' } }),
    EditorView.updateListener.of((update) => { if (update.docChanged) changed(); }),
    ...languageOf(file),
  ];
  const view = new EditorView({ parent, state: EditorState.create({ extensions }) });

  return {
    view,
    read: () => view.state.doc.toString(),
    write: (text) => view.setState(EditorState.create({ doc: text, extensions })),
    undo: () => undo(view),
    redo: () => redo(view),
    search: () => openSearchPanel(view),
    mark: (findings) => view.dispatch({ effects: setMarks.of(findings) }),
    lineOf(id) {
      const at = id ? view.state.doc.toString().search(new RegExp(`["']${id.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}["']`)) : -1;
      return at < 0 ? null : view.state.doc.lineAt(at).number;
    },
    goTo(number) {
      if (!number || number > view.state.doc.lines) return;
      const line = view.state.doc.line(number);
      view.dispatch({ selection: { anchor: line.from, head: line.to }, effects: EditorView.scrollIntoView(line.from, { y: 'center' }) });
      view.focus();
    },
  };
}
