// Owns what can be known of an expression's value from its text and the shapes of its variables; finds what can never be meant.
// A shape is null (unknown) or {t: type, e: entries of a context by name, v: the only texts it can be}. Evaluates nothing.

import { parseExpression, getBuiltin } from 'feelin';
import { isPlainName } from './names.js';

const UNKNOWN = null;
const kindOf = (shape) => (shape && shape.t && shape.t !== 'Null' ? shape.t : null);
const of = (t) => ({ t });
const own = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
const children = (node) => { const all = []; for (let c = node.firstChild; c; c = c.nextSibling) all.push(c); return all; };
const MAX_VALUES = 50;

/** What holds of a value that has one shape or the other. */
function either(a, b) {
  if (!a || !b) return UNKNOWN;
  if (a.t === 'Null') return b;
  if (b.t === 'Null') return a;
  if (a.t !== b.t) return UNKNOWN;
  const shape = { t: a.t };
  if (a.v && b.v) shape.v = [...new Set([...a.v, ...b.v])].slice(0, MAX_VALUES);
  if (a.e && b.e) {
    shape.e = { ...a.e };
    for (const name of Object.keys(b.e)) shape.e[name] = own(a.e, name) ? either(a.e[name], b.e[name]) : b.e[name];
  }
  return shape;
}

const RESULTS = {
  number: ['count', 'sum', 'number', 'string length', 'abs', 'floor', 'ceiling', 'round up', 'round down', 'round half up', 'round half down',
    'decimal', 'modulo', 'sqrt', 'product', 'mean', 'median', 'stddev', 'day of year', 'week of year'],
  string: ['string', 'substring', 'substring before', 'substring after', 'upper case', 'lower case', 'replace', 'string join', 'day of week', 'month of year'],
  boolean: ['not', 'contains', 'starts with', 'ends with', 'matches', 'list contains', 'all', 'any', 'odd', 'even', 'is', 'before', 'after'],
  list: ['append', 'concatenate', 'union', 'distinct values', 'flatten', 'sort', 'reverse', 'sublist', 'remove', 'insert before', 'list replace', 'split', 'get entries', 'index of'],
  context: ['context put', 'context merge', 'context'],
  date: ['today', 'date'],
  'date and time': ['now', 'date and time'],
  time: ['time'],
};
const RESULT = Object.fromEntries(Object.entries(RESULTS).flatMap(([type, names]) => names.map((name) => [name, type])));

/** The shape of `text` over variables of `shapes`, and what can never be meant: {shape, problems: [{code, position, facts}]}. */
export function examine(text, shapes) {
  const names = Object.keys(shapes).filter((name) => !isPlainName(name));
  const sample = Object.fromEntries(names.map((name) => [name, null]));
  const inferrer = new Inferrer(text);
  const shape = inferrer.infer(parseExpression(text, sample).topNode, shapes);
  return { shape, problems: inferrer.problems };
}

class Inferrer {
  constructor(text) { this.text = text; this.problems = []; }

  source(node) { return this.text.slice(node.from, node.to); }
  name(node) { return this.source(node).replace(/`/g, '').replace(/\s+/g, ' '); }
  fact(node, shape) { return { type: (shape && shape.t) || 'other', text: this.source(node).slice(0, 60) }; }
  find(code, node, facts) { this.problems.push({ code, position: node.from, facts }); }

  infer(node, env) {
    const known = KINDS[node.name];
    if (known) return known(this, node, env);
    let last = UNKNOWN;
    for (const child of children(node)) last = this.infer(child, env);
    return node.name === 'Expression' ? last : UNKNOWN;
  }

  /** Two sides that are compared: of one type, or of a type not known. */
  compare(left, a, right, b, isEquality) {
    const one = kindOf(a), other = kindOf(b);
    if (one === null || other === null || one === 'list' || other === 'list') return;
    if (one !== other) {
      this.find('INVALID_COMPARISON', left, { left: this.fact(left, a), right: this.fact(right, b) });
    } else if (isEquality && a.v && b.v && !a.v.some((value) => b.v.includes(value))) {
      const [asked, values] = right.name === 'StringLiteral' ? [right, a.v] : [left, b.v];
      this.find('NEVER_EQUAL', asked, { name: this.unquoted(asked), values });
    }
  }

  unquoted(node) { return this.source(node).replace(/^"|"$/g, '').replace(/\\(.)/g, '$1'); }

  needBoolean(node, shape) {
    const kind = kindOf(shape);
    if (kind !== null && kind !== 'boolean') this.find('NOT_BOOLEAN', node, { left: this.fact(node, shape) });
  }
}

const KINDS = {
  NumericLiteral: () => of('number'),
  BooleanLiteral: () => of('boolean'),
  null: () => of('Null'),
  StringLiteral: (self, node) => ({ t: 'string', v: [self.unquoted(node)] }),
  ParenthesizedExpression: (self, node, env) => self.infer(children(node).find((part) => part.name !== '('), env),
  VariableName(self, node, env) { const name = self.name(node); if (own(env, name)) return env[name];
    if (name === 'today' || name === 'now') self.find('NOT_CALLED', node, { name });
    return UNKNOWN; },
  DateTimeLiteral(self, node, env) {
    const [made, ...rest] = children(node);
    rest.forEach((part) => self.infer(part, env));
    return own(RESULT, self.source(made)) ? of(RESULT[self.source(made)]) : UNKNOWN;
  },
  PathExpression(self, node, env) {
    const parts = children(node), target = self.infer(parts[0], env), entry = parts[parts.length - 1], name = self.name(entry);
    const kind = kindOf(target);
    if (kind === 'context' && target.e && own(target.e, name)) return target.e[name];
    if ((kind === 'context' && target.e) || kind === 'number' || kind === 'string' || kind === 'boolean') {
      self.find('NEVER_ENTRY', entry, { name, of: self.source(parts[0]).slice(0, 60), entries: Object.keys((target && target.e) || {}) });
    }
    return UNKNOWN;
  },
  Comparison(self, node, env) {
    const [left, operator, ...rest] = children(node);
    const a = self.infer(left, env);
    const ends = rest.filter((part) => !['and', '(', ')'].includes(part.name));
    if (operator.name === 'in') ends.forEach((part) => tested(self, left, a, part, env));
    else ends.forEach((part) => self.compare(left, a, part, self.infer(part, env), ['=', '!='].includes(self.source(operator))));
    return of('boolean');
  },
  Conjunction: (self, node, env) => connected(self, node, env),
  Disjunction: (self, node, env) => connected(self, node, env),
  ArithmeticExpression(self, node, env) {
    const parts = children(node), operator = self.source(parts.find((part) => part.name === 'ArithOp'));
    const sides = parts.filter((part) => part.name !== 'ArithOp');
    const shapes = sides.map((part) => self.infer(part, env));
    const kinds = shapes.map(kindOf);
    const isText = kinds.includes('string') && operator === '+';
    const isWrong = isText ? kinds.some((kind) => ['number', 'boolean'].includes(kind)) : kinds.some((kind) => ['string', 'boolean'].includes(kind));
    if (isWrong && sides.length === 2) {
      self.find('INVALID_TYPE', sides[0], { template: VERBS[operator] || '', left: self.fact(sides[0], shapes[0]), right: self.fact(sides[1], shapes[1]) });
      return UNKNOWN;
    }
    if (isText) return of('string');
    return kinds.every((kind) => kind === 'number') || (kinds.includes('number') && operator === '+') ? of('number') : UNKNOWN;
  },
  IfExpression(self, node, env) {
    const [condition, then, other] = children(node).filter((part) => !['if', 'then', 'else'].includes(part.name));
    self.needBoolean(condition, self.infer(condition, env));
    return either(self.infer(then, env), self.infer(other, env));
  },
  Context(self, node, env) {
    const entries = {};
    let inner = env;
    for (const entry of children(node).filter((part) => part.name === 'ContextEntry')) {
      const [key, value] = children(entry);
      const name = self.name(key).replace(/^"|"$/g, '');
      entries[name] = value ? self.infer(value, inner) : UNKNOWN;
      inner = { ...inner, [name]: entries[name] };
    }
    return { t: 'context', e: entries };
  },
  List(self, node, env) { children(node).forEach((part) => self.infer(part, env)); return of('list'); },
  ForExpression(self, node, env) { iterated(self, node, env); return of('list'); },
  QuantifiedExpression(self, node, env) { iterated(self, node, env); return of('boolean'); },
  // Inside a filter a name may be an entry of the items, so nothing is known of it.
  FilterExpression(self, node, env) { self.infer(node.firstChild, env); return UNKNOWN; },
  FunctionDefinition: () => of('function'),
  InstanceOfExpression(self, node, env) { self.infer(node.firstChild, env); return of('boolean'); },
  Interval(self, node, env) { children(node).forEach((part) => self.infer(part, env)); return of('range'); },
  FunctionInvocation(self, node, env) {
    const [target, ...rest] = children(node);
    rest.forEach((part) => self.infer(part, env));
    const name = self.name(target);
    return own(RESULT, name) && getBuiltin(name) ? of(RESULT[name]) : UNKNOWN;
  },
};

const VERBS = { '+': "Can't add ", '-': "Can't subtract ", '*': "Can't multiply ", '/': "Can't divide ", '**': "Can't exponentiate " };

function connected(self, node, env) {
  for (const part of children(node)) if (part.name !== 'and' && part.name !== 'or') self.needBoolean(part, self.infer(part, env));
  return of('boolean');
}

/** The tests behind `in`: literals, lists of them, ranges, comparisons. */
function tested(self, left, a, test, env) {
  if (['PositiveUnaryTests', 'PositiveUnaryTest', 'SimplePositiveUnaryTest', 'List', 'Interval'].includes(test.name)) {
    children(test).forEach((part) => tested(self, left, a, part, env));
  } else if (test.name.endsWith('Literal')) {
    self.compare(left, a, test, self.infer(test, env), true);
  } else {
    self.infer(test, env);
  }
}

function iterated(self, node, env) {
  const hidden = { ...env, partial: UNKNOWN };
  for (const part of children(node)) {
    if (part.name !== 'InExpressions') { self.infer(part, hidden); continue; }
    for (const pair of children(part)) {
      const [name, ...rest] = children(pair);
      rest.forEach((child) => self.infer(child, { ...hidden }));
      if (name) hidden[self.name(name)] = UNKNOWN;
    }
  }
}
