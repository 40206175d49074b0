// Owns the graph of a DMN model: inputs, decisions, business knowledge models, decision services. One `decide` is one Run.

import { host } from 'feelin';
import { Failure, locatedAt, rethrowAt } from '../failure.js';
import { invoke, nullOr, Scope } from '../expressions.js';
import { boxedFunction, evaluateBoxed } from './boxed.js';
import { coerce, coerced, isInstance } from './types.js';

const own = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
const PENDING = Symbol('pending');

/** Decide one decision, service or knowledge model: {value, hits, inputs, outputs, trace, wrap}. */
export function decide(model, id, variables) {
  if (!own(model.nodes, id)) throw new Failure('NO_DECISION', { id });
  const run = new Run(model, variables, {});
  host.isOfType = (value, type) => isInstance(value, type, model.types);
  const node = model.nodes[id];
  switch (node.kind) {
    case 'decision': {
      const value = run.decision(node);
      const report = run.report(node);
      return { ...report, value: named(node.expression, value, report.outputs) };
    }
    case 'service': return { value: run.serviceOf(node), ...run.report(node) };
    case 'knowledge': return { value: invoke(run.knowledge(node), variables), ...run.report(node) };
  }
  throw new Failure('NO_DECISION', { id });
}

const LISTS = new Set(['COLLECT', 'RULE ORDER', 'OUTPUT ORDER']);

// Inside the graph a table with one output is its bare value, as DMN says. Who asks from outside gets the outputs by name.
function named(expression, value, outputs) {
  if (!expression || expression.kind !== 'table' || expression.aggregation) return value;
  return LISTS.has(expression.hitPolicy) ? outputs : outputs[0];
}

class Run {
  constructor(model, variables, given) {
    this.model = model;
    this.types = model.types;
    this.variables = variables;
    this.given = given;
    this.values = new Map();
    this.functions = new Map();
    this.records = [];
    this.depth = 0;
  }

  report(node) {
    const record = this.records.find(([id]) => id === node.id);
    const { hits = [], inputs = null, outputs = [] } = record ? record[1] : {};
    return { hits, inputs, outputs, trace: this.records.filter(([, r]) => r.hits).map(([id, r]) => [id, r.hits]), asked: this.asked(node) };
  }

  /** Values of the required inputs by name: what a decision without a table was decided from. */
  asked(node) {
    return Object.fromEntries((node.inputs || []).map((id) => [this.node(id).variable, this.input(this.node(id))]));
  }

  node(id) {
    if (!own(this.model.nodes, id)) throw new Failure('MISSING_REQUIREMENT', { id });
    return this.model.nodes[id];
  }

  input(node) {
    if (!own(this.variables, node.variable)) return nullOr(new Failure('MISSING_INPUT', { name: node.variable }));
    try { return coerce(this.variables[node.variable], node.type, this.types); } catch (error) { return rethrowAt(error, { variable: node.variable }); }
  }

  decision(node) {
    if (own(this.given, node.id)) return this.given[node.id];
    const known = this.values.get(node.id);
    if (known === PENDING) throw new Failure('CYCLE', { name: node.name });
    if (known !== undefined) return known;
    this.values.set(node.id, PENDING);
    const value = this.decided(node);
    this.values.set(node.id, value);
    return value;
  }

  decided(node) {
    const record = {};
    try {
      const scope = this.scopeOf(node, this.variables);
      const value = coerce(evaluateBoxed(node.expression, scope, this, record), node.type, this.types);
      this.records.push([node.id, record]);
      return value;
    } catch (error) { return nullOr(locatedAt(error, { decision: node.id, name: node.name })); }
  }

  // As in Camunda, a decision sees all variables it was given, not only those it declares as required inputs.
  scopeOf(node, variables) {
    const names = { ...variables };
    for (const id of node.inputs) { const input = this.node(id); names[input.variable] = this.input(input); }
    for (const id of node.decisions) { const decision = this.node(id); names[decision.variable] = this.decision(decision); }
    for (const id of node.knowledge) {
      const callee = this.node(id);
      names[callee.variable] = callee.kind === 'service' ? this.service(callee) : this.knowledge(callee);
    }
    return new Scope(names);
  }

  knowledge(node) {
    if (this.functions.has(node.id)) return this.functions.get(node.id);
    if (!node.function) throw new Failure('UNSUPPORTED', { what: node.name });
    const names = {};
    const scope = { with: (more) => new Scope({ ...names, ...more }) };
    const made = boxedFunction(node.function, scope, this, node.type);
    this.functions.set(node.id, made);
    Object.assign(names, this.scopeOf(node, {}).values, { [node.variable]: made });
    return made;
  }

  /** A decision service as a function of its input data and input decisions, in this order. */
  service(node) {
    const parameters = [...node.inputData, ...node.inputDecisions].map((id) => this.node(id));
    const definition = { parameters: parameters.map(({ variable, type }) => ({ name: variable, type })) };
    const call = (...args) => this.called(parameters, args, () => this.serviceWith(node, Object.fromEntries(parameters.map(({ variable }, i) => [variable, args[i] === undefined ? null : args[i]]))));
    const made = boxedFunction({ ...definition, body: { kind: 'literal', text: 'null' } }, new Scope({}), this);
    made.fn = call;
    return made;
  }

  called(parameters, args, work) {
    try {
      if (args.length !== parameters.length) throw new Failure('INVALID_ARGUMENTS', { template: 'ARGUMENT_TYPES', source: '' });
      return work();
    } catch (error) { return nullOr(error); }
  }

  serviceOf(node) { return this.serviceWith(node, this.variables); }

  serviceWith(node, variables) {
    const given = {};
    for (const id of node.inputDecisions) {
      const { variable, type } = this.node(id);
      if (!own(variables, variable)) return nullOr(new Failure('MISSING_INPUT', { name: variable }));
      given[id] = coerced(variables[variable], type, this.types);
    }
    const inner = new Run(this.model, variables, given);
    inner.depth = this.depth;
    const results = node.outputDecisions.map((id) => [this.node(id).variable, inner.decision(this.node(id))]);
    this.records.push(...inner.records);
    return coerce(results.length === 1 ? results[0][1] : Object.fromEntries(results), node.type, this.types);
  }
}
