// Owns the server's validation of a form: form-js without its pages, so that conditions and checks are those of the browser.

import { Form, buildExpressionContext, runExpressionEvaluation, runUnaryTestEvaluation } from '@bpmn-io/form-js-viewer';
import { get } from 'min-dash';
import { fieldData } from './form_values.js';
import { TranslateModule, translate } from './form_messages.js';

class HeadlessForm extends Form {
  constructor(variables, posted) {
    super({ variables, posted });
    this.variables = variables;
    this.posted = posted;
  }

  _createInjector(options, container) {
    return super._createInjector({ ...options, additionalModules: [TranslateModule, { renderer: ['value', {}] }] }, container);
  }

  /** Before form-js replaces what it cannot use by null, keep what was entered: it is an error, not an empty field. */
  _getInitializedFieldData(data, options) {
    this.entered = fieldData(this.get('formFields'), this.get('formFieldRegistry').getForm(), this.variables, this.posted);
    return super._getInitializedFieldData(this.entered, options);
  }

  /** Register every visible field instance, as the rendered components would. */
  registerInstances() {
    const registry = this.get('formFieldInstanceRegistry');
    const { data, initialData, schema } = this._getState();
    const visible = { ...initialData, ...this.get('conditionChecker').applyConditions(data, data) };
    let count = 0;
    this.visit(schema, undefined, { data: visible, parent: null, this: visible, i: [] }, (field, indexes, context) => {
      const valuePath = this.get('pathRegistry').getValuePath(field, { indexes });
      const instance = { id: field.id, expressionContextInfo: context, valuePath, value: get(data, valuePath), indexes, hidden: false };
      registry.syncInstance(`i${count++}`, instance);
    });
  }

  visit(field, indexes, context, found) {
    if (field.type !== 'default') {
      const hide = field.conditional && field.conditional.hide;
      if (hide && runUnaryTestEvaluation(this.get('expressionLanguage'), hide, context) === true) {
        if (!indexes) withInner(field).forEach(({ id }) => this.hidden.push(id));
        return;
      }
      found(field, indexes, context);
    }
    const children = field.components || [];
    if (field.type === 'default' || !this.get('repeatRenderManager').isFieldRepeating(field.id)) {
      children.forEach((child) => this.visit(child, indexes, context, found));
      return;
    }
    const rows = get(this._getState().data, this.get('pathRegistry').getValuePath(field, { indexes }));
    (Array.isArray(rows) ? rows : []).forEach((row, k) => {
      const parent = buildExpressionContext({ ...context, data: context.this });
      const inner = { data: context.data, this: row, parent, i: [...context.i, k + 1] };
      children.forEach((child) => this.visit(child, { ...(indexes || {}), [field.id]: k }, inner, found));
    });
  }

  /** {data, errors by name of the field, ids of hidden components outside of lists}. */
  outcome() {
    this.hidden = [];
    this.registerInstances();
    const { data } = this.submit();
    return { data, errors: this.errors(), hidden: this.hidden };
  }

  errors() {
    const errors = {};
    for (const instance of this.get('formFieldInstanceRegistry').getAllKeyed()) {
      const field = this.get('formFieldRegistry').get(instance.id);
      if (field.disabled) continue;
      const value = get(this._getState().data, instance.valuePath);
      const refusal = this.refusal(field, instance, value);
      const found = refusal ? [translate(refusal)] : this.get('validator').validateFieldInstance(instance, value);
      if (found.length) errors[nameOf(instance.valuePath)] = found;
    }
    return errors;
  }

  /** What is wrong with an entry that form-js would silently drop; null when nothing is. */
  refusal(field, instance, value) {
    const entered = get(this.entered, instance.valuePath);
    if (isEmpty(entered) || field.type === 'checkbox') return null;
    if (field.type === 'datetime' && !isRealDay(entered)) return REFUSALS[field.subtype];
    const isKept = Array.isArray(entered) ? Array.isArray(value) && value.length === entered.length : !isEmpty(value);
    if (!isKept) return REFUSALS[field.type === 'datetime' ? field.subtype : field.type] || 'Value cannot be accepted.';
    return this.isAmongOptions(field, instance, value) ? null : REFUSALS.select;
  }

  isAmongOptions(field, instance, value) {
    if (!field.valuesExpression) return true;
    const options = runExpressionEvaluation(this.get('expressionLanguage'), field.valuesExpression, instance.expressionContextInfo);
    const allowed = (Array.isArray(options) ? options : []).map((option) => (option !== null && typeof option === 'object' ? option.value : option));
    return (Array.isArray(value) ? value : [value]).every((one) => allowed.includes(one));
  }
}

const withInner = (field) => [field, ...(field.components || []).flatMap(withInner)];

const REFUSALS = {
  number: 'Value is not a number.',
  select: 'Please choose one of the options.', radio: 'Please choose one of the options.',
  checklist: 'Please choose one of the options.', taglist: 'Please choose one of the options.',
  date: 'Value is not a valid date.', time: 'Value is not a valid time.', datetime: 'Value is not a valid date and time.',
};

// form-js takes 2026-02-31 for a date in March.
function isRealDay(text) {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(text);
  if (!match) return true;
  const [year, month, day] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const isEmpty = (value) => value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length);
const nameOf = (path) => path.reduce((name, part) => (typeof part === 'number' ? `${name}[${part}]` : name ? `${name}.${part}` : part), '');

/** Promise of a form that only waits to be asked for its outcome. Rejects when form-js cannot import the schema. */
export function importForm(schema, variables, posted) {
  const form = new HeadlessForm(variables, posted);
  return form.importSchema(schema, {}).then(() => form);
}

/** Names of the field types that form-js knows, and which of them carry a value. */
export function fieldTypes() {
  const fields = new HeadlessForm({}, {}).get('formFields');
  return Object.keys(fields._formFields).map((type) => ({ type, keyed: !!(fields.get(type).config || {}).keyed }));
}
