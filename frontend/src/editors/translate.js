// Owns the words of the bpmn.io editors in the page's language. Chinese: two community dictionaries, ours on top of them.
// Asked for a text that no dictionary has, it notes the text; a test wants that list empty.
import community from 'bpmn-js-i18n/translations/zn.js';
import diagrams from 'bpmn-js-i18n-zh/lib/bpmn-js/index.js';
import panel from 'bpmn-js-i18n-zh/lib/properties-panel/index.js';
import camunda from 'bpmn-js-i18n-zh/lib/camunda-properties-panel/index.js';
import ours from './words_zh.json';

const words = LANG === 'zh' ? { ...community, ...diagrams, ...panel, ...camunda, ...ours } : {};
const missing = new Set();

export const missingWords = () => [...missing];

// A didi module: additionalModules: [translation()]. A word that means something else in one editor is given to it alone.
export function translation(own = {}) {
  const known = LANG === 'zh' ? { ...words, ...own } : {};
  const translate = (template, facts = {}) => {
    const found = known[template];
    if (LANG === 'zh' && found === undefined && /[A-Za-z]{2}/.test(template) && !/[\u3400-\u9fff]/.test(template)) missing.add(template);
    return (found ?? template).replace(/{([^}]+)}/g, (_, key) => facts[key] ?? `{${key}}`);
  };
  return { translate: ['value', translate] };
}
