// Owns what a page posts as text and what form-js expects instead: numbers, true and false, lists, nested keys.

import { get, set } from 'min-dash';

const TRUE = new Set([true, 'true', 'on', '1', 'yes', 1]);
const isBlank = (value) => value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
const own = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

/** Task variables overlaid with what was posted. Fields that are only shown keep the variable; a field not posted is empty. */
export function fieldData(fields, schema, variables, posted) {
  const data = variables;
  visit(schema, [], data, posted, posted);
  return data;

  function visit(parent, base, target, source, top) {
    for (const field of parent.components || []) {
      const path = pathOf(field);
      if (field.type === 'dynamiclist') visitRows(field, [...base, ...path], source, top);
      else if (field.components) visit(field, [...base, ...path], target, source, top);
      else if (isKeyed(field) && !field.disabled) set(target, [...base, ...path], typed(field, postedAt([...base, ...path], source, top, field)));
    }
  }

  function visitRows(field, path, source, top) {
    const rows = postedAt(path, source, top, field);
    const made = (Array.isArray(rows) ? rows : []).map((row) => {
      const out = {};
      visit(field, [], out, row !== null && typeof row === 'object' ? row : {}, {});
      return out;
    });
    set(data, path, made);
  }

  function isKeyed(field) { const { config } = fields.get(field.type) || {}; return !!(config && config.keyed && field.key); }
}

export function pathOf(field) {
  const text = field.key || field.path || '';
  return text ? text.split('.') : [];
}

// A page posts `a.b` as one name; programs pass {a: {b: …}}. Both are understood.
function postedAt(path, source, top, field) {
  const flat = path.join('.');
  if (own(top, flat)) return top[flat];
  return get(source, path);
}

function typed(field, value) {
  switch (field.type) {
    case 'checkbox': return TRUE.has(typeof value === 'string' ? value.trim().toLowerCase() : value);
    case 'number': return isBlank(value) ? null : typeof value === 'string' && Number.isFinite(Number(value)) && !field.serializeToString ? Number(value) : value;
    case 'checklist': case 'taglist': return isBlank(value) ? [] : (Array.isArray(value) ? value : [value]).map((one) => optionOf(field, one));
    case 'select': case 'radio': return isBlank(value) ? null : optionOf(field, value);
    case 'textfield': case 'textarea': return isBlank(value) ? '' : value;
  }
  return isBlank(value) ? null : value;
}

/** The option whose value, written as text, is what was posted: options may be numbers or true and false. */
function optionOf(field, posted) {
  const options = Array.isArray(field.values) ? field.values : [];
  const found = typeof posted === 'string' && options.find((option) => option && typeof option.value !== 'string' && String(option.value) === posted);
  return found ? found.value : posted;
}
