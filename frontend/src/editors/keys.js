// Owns the list of keys of the diagram editor.
import { button, element, say } from '../studio/texts.js';

const KEYS = LANG === 'zh'
  ? [['Ctrl+Z / Ctrl+Y', '撤销 / 重做'], ['Ctrl+C / Ctrl+V', '复制 / 粘贴'], ['Ctrl+A', '全选'], ['Ctrl+F', '查找'], ['Delete', '删除'], ['N', '创建元素'], ['A', '追加元素'], ['R', '更换类型'], ['E', '编辑名称'], ['方向键', '移动画布；Shift 更快'], ['Ctrl+方向键', '移动选中的元素'], ['H / L / S', '抓手 / 套索 / 空间工具'], ['C', '全局连线'], ['Ctrl+加号 / 减号 / 0', '放大 / 缩小 / 原大'], ['T', '模拟运行'], ['Ctrl+S', '立即保存']]
  : [['Ctrl+Z / Ctrl+Y', 'undo / redo'], ['Ctrl+C / Ctrl+V', 'copy / paste'], ['Ctrl+A', 'select all'], ['Ctrl+F', 'search'], ['Delete', 'delete'], ['N', 'create an element'], ['A', 'append an element'], ['R', 'change the type'], ['E', 'edit the name'], ['Arrows', 'move the canvas; Shift is faster'], ['Ctrl+arrows', 'move the selected elements'], ['H / L / S', 'hand / lasso / space tool'], ['C', 'connect'], ['Ctrl+plus / minus / 0', 'zoom in / out / reset'], ['T', 'simulate'], ['Ctrl+S', 'save now']];

export function explainKeys(root) {
  const dialog = root.querySelector('[data-dialog]');
  const rows = KEYS.flatMap(([keys, words]) => [element('dt', {}, element('kbd', {}, keys)), element('dd', {}, words)]);
  dialog.replaceChildren(element('h2', { id: 'dialog-title' }, say('keyboard_title')), element('dl', { class: 'decision-facts' }, ...rows), element('div', { class: 'actions' }, button(say('close'), () => dialog.close())));
  dialog.showModal();
}
