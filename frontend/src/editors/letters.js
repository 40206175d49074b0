// Owns the view of notice texts as letters: one at a time, with its placeholders and a preview with sample values.
import { button, element, say } from '../studio/texts.js';

const PLACEHOLDER = /\{([^{}]*)\}/g;
const CHOICES = { critical: { true: 'yes', false: 'no' } };
//: What a placeholder may look like, for the preview only.
const SAMPLES = {
  工单号: 'BBC440103-20261123-0001', 事项: '建筑工程施工许可', 姓名: '林晓', 电话: '020-12345', 短链: 'https://…/p/abc', 日期: '2026年12月1日', 时间: '2026年12月1日09:30',
  部门: '区市场监督管理局', 牵头部门: '区市场监督管理局', 等级: '复杂', N: '3', 天数: '2', 窗口号: '12号窗口', 联系人: '陈立', 紧急电话: '110', 地区: '海珠区', 动作: '尽快办结', 标识: '黄牌', 剩余或超期: '超期',
};

export function makeLetters(place, model, isReadOnly) {
  const list = element('div', { class: 'letters-list', role: 'navigation', 'aria-label': say('messages') });
  const paper = element('div', { class: 'letter' });
  place.append(element('div', { class: 'letters' }, list, paper));
  let chosen = 1;
  let found = [];
  const column = (name) => model.header.indexOf(name);
  const at = (row, name) => model.rows[row]?.cells[column(name)] ?? '';

  function draw() {
    chosen = Math.min(Math.max(chosen, 1), model.rows.length - 1);
    drawList();
    drawPaper();
  }

  function drawList() {
    const wrong = new Set(found.map((one) => model.rowOfLine(one.line)));
    const entries = model.rows.slice(1).map((_, number) => element('button', {
      type: 'button', 'aria-current': String(number + 1 === chosen), class: wrong.has(number + 1) ? 'is-wrong' : '', onclick: () => { chosen = number + 1; draw(); },
    }, `${at(number + 1, 'id')} ${at(number + 1, 'event')}${wrong.has(number + 1) ? ' ⚠' : ''}`));
    const add = button(say('new_message'), () => {
      model.insert(model.rows.length, model.header.map((name) => ({ id: nextId(), critical: 'false', audience: '申请人' })[name] ?? ''));
      chosen = model.rows.length - 1;
      draw();
      paper.querySelector('[name=event]')?.focus();
    });
    list.replaceChildren(...entries, ...(isReadOnly ? [] : [add]));
  }

  const nextId = () => `MSG-${String(Math.max(0, ...model.rows.slice(1).map((row) => Number(row.cells[column('id')]?.replace('MSG-', '')) || 0)) + 1).padStart(2, '0')}`;

  function drawPaper() {
    if (model.rows.length < 2) {
      paper.replaceChildren();
      return;
    }
    const row = chosen;
    const fields = model.header.map((name) => field(row, name));
    const preview = element('div', {});
    const remove = button(say('remove_message'), () => { model.remove(row); draw(); }, 'btn btn-sm btn-outline-danger');
    const faults = found.filter((one) => model.rowOfLine(one.line) === row).map((one) => element('p', { class: 'error' }, `${one.message} ${one.remedy}`));
    paper.replaceChildren(...faults, ...fields, preview, ...(isReadOnly ? [] : [element('div', {}, remove)]));
    drawPreview(preview, row);
    paper.oninput = () => drawPreview(preview, row);
  }

  function field(row, name) {
    const id = `letter-${name}`;
    const known = ['id', 'event', 'text', 'audience', 'critical'].includes(name);
    const control = CHOICES[name]
      ? element('select', { class: 'form-select', id, name, disabled: isReadOnly }, ...choicesOf(name, at(row, name)).map(([value, words]) => element('option', { value, selected: value === at(row, name) }, words)))
      : element(name === 'text' ? 'textarea' : 'input', { class: 'form-control', id, name, readonly: isReadOnly, rows: name === 'text' ? '5' : null });
    if (!CHOICES[name]) control.value = at(row, name);
    control.addEventListener('input', () => {
      model.set(row, column(name), control.value);
      if (name !== 'text') drawList();
    });
    return element('div', {}, element('label', { for: id }, known ? say(`field_${name}`) : name), control);
  }

  // A value that is none of the choices is shown as it is: opening a letter must not mend it silently.
  function choicesOf(name, value) {
    const known = Object.entries(CHOICES[name]).map(([code, words]) => [code, say(words)]);
    return value in CHOICES[name] ? known : [[value, value], ...known];
  }

  function drawPreview(preview, row) {
    const text = at(row, 'text');
    const words = [...new Set([...text.matchAll(PLACEHOLDER)].map((match) => match[1].trim()))];
    const kept = new Map([...preview.querySelectorAll('input')].map((input) => [input.dataset.word, input.value]));
    const sample = (word) => kept.get(word) ?? SAMPLES[word] ?? `〔${word}〕`;
    const inputs = words.map((word) => {
      const input = element('input', { class: 'form-control form-control-sm', id: `sample-${word}`, 'data-word': word });
      input.value = sample(word);
      return element('div', {}, element('label', { for: `sample-${word}` }, `{${word}}`), input);
    });
    const isUneven = (text.match(/\{/g) ?? []).length !== (text.match(/\}/g) ?? []).length || words.includes('');
    const filled = text.replace(PLACEHOLDER, (_, word) => sample(word.trim()));
    const isTyping = preview.contains(document.activeElement);
    if (!isTyping) {
      preview.replaceChildren(
        element('h2', {}, say('placeholders')), words.length ? element('div', { class: 'samples' }, ...inputs) : element('p', { class: 'muted' }, say('no_placeholders')),
        ...(isUneven ? [element('p', { class: 'error' }, say('unbalanced'))] : []),
        element('h2', {}, say('preview')), element('div', { class: 'preview' }), element('p', { class: 'hint' }));
    }
    preview.querySelector('.preview').textContent = filled;
    preview.querySelector('.hint').textContent = say('characters', { count: [...filled].length });
  }

  return {
    draw,
    mark(findings) {
      found = findings;
      drawList();
    },
    goTo(row, name) {
      if (row > 0) chosen = row;
      draw();
      paper.querySelector(`[name="${CSS.escape(name ?? 'text')}"]`)?.focus();
    },
  };
}
