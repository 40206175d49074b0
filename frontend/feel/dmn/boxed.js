// Owns boxed expressions: contexts, invocations, relations, lists, conditionals, filters, iterations, functions.

import { Failure, rethrowAt } from '../failure.js';
import { evaluate, invoke, isFunction, iterable, makeFunction, nullOr, Scope } from '../expressions.js';
import { typeOf } from '../values.js';
import { decideTable } from './table.js';
import { coerce, coerced } from './types.js';

const MAX_ITERATIONS = 100000;
const MAX_CALLS = 200;
const isNull = (value) => value === null || value === undefined;

/** The value of a boxed expression. `run` = {types, depth}; `record` receives what a table did. */
export function evaluateBoxed(expression, scope, run, record) {
  if (isNull(expression)) return null;
  const kind = KINDS[expression.kind];
  if (!kind) throw new Failure('UNSUPPORTED', { what: String(expression.kind) });
  return kind(expression, scope, run, record);
}

/** A FEEL function whose body is a boxed expression. */
export function boxedFunction(definition, scope, run, returnType = null) {
  const call = (...args) => {
    if (++run.depth > MAX_CALLS) throw new Failure('RECURSION');
    try {
      const named = {};
      definition.parameters.forEach(({ name, type }, i) => { named[name] = coerced(args[i], type, run.types); });
      return coerce(evaluateBoxed(definition.body, scope.with(named), run, {}), definition.type || returnType, run.types);
    } catch (error) { return nullOr(error); } finally { run.depth--; }
  };
  return makeFunction(call, definition.parameters.map(({ name }) => name));
}

const asked = (expression, scope, run) => evaluateBoxed(expression, scope, run, {});

const KINDS = {
  literal({ text, type }, scope, run) {
    if (isNull(text) || text.trim() === '') return null;
    try { return coerce(evaluate(text, scope), type, run.types); } catch (error) { return rethrowAt(error, { text }); }
  },
  table: (table, scope, run, record) => decideTable(table, scope, run.types, record),
  context({ entries }, scope, run) {
    const out = {};
    let inner = scope;
    for (const { name, type, expression } of entries) {
      let value;
      try { value = coerce(asked(expression, inner, run), type, run.types); } catch (error) { rethrowAt(error, { entry: name || 'result' }); }
      if (isNull(name)) return value;
      out[name] = value;
      inner = inner.with({ [name]: value });
    }
    return out;
  },
  function: (definition, scope, run) => boxedFunction(definition, scope, run),
  invocation({ target, bindings }, scope, run) {
    const called = asked(target, scope, run);
    if (!isFunction(called)) throw new Failure('NO_FUNCTION_FOUND', { target: { type: typeOf(called), text: target.text || '' } });
    const named = {};
    for (const { name, type, expression } of bindings) named[name] = coerce(asked(expression, scope, run), type, run.types);
    return invoke(called, named);
  },
  relation: ({ columns, rows }, scope, run) => rows.map((row) => Object.fromEntries(row.map((cell, i) => [columns[i], asked(cell, scope, run)]))),
  list: ({ items }, scope, run) => items.map((item) => asked(item, scope, run)),
  conditional: (e, scope, run) => asked(asked(e.if, scope, run) === true ? e.then : e.else, scope, run),
  filter({ source, match }, scope, run) {
    const list = asked(source, scope, run);
    if (isNull(list)) return null;
    return (Array.isArray(list) ? list : [list]).filter((item) => {
      const keep = asked(match, scope.with(typeOf(item) === 'context' ? { ...item, item } : { item }), run);
      return isTrue(keep);
    });
  },
  for(e, scope, run) {
    const partial = [];
    for (const item of items(e, scope, run)) partial.push(asked(e.body, scope.with({ partial, [e.variable]: item }), run));
    return partial;
  },
  some: (e, scope, run) => items(e, scope, run).some((item) => isTrue(asked(e.body, scope.with({ [e.variable]: item }), run))),
  every: (e, scope, run) => items(e, scope, run).every((item) => isTrue(asked(e.body, scope.with({ [e.variable]: item }), run))),
};

function isTrue(value) {
  if (typeof value !== 'boolean' && value !== null) throw new Failure('NOT_BOOLEAN', { left: { type: typeOf(value), text: '' } });
  return value === true;
}

function items(e, scope, run) {
  const list = iterable(asked(e.source, scope, run));
  if (list.length > MAX_ITERATIONS) throw new Failure('TOO_MANY_ITERATIONS', { limit: MAX_ITERATIONS });
  return list;
}
