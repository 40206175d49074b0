// Owns single FEEL expressions: compiled once for each set of names, evaluated strictly. Knows nothing of decisions.

import { Interpreter, InterpreterContext, FeelFunction, FeelRange, isInvocationFailure } from 'feelin';
import { Failure, failureFrom } from './failure.js';
import { oddNamesOf } from './names.js';
import { show, typeOf } from './values.js';

const interpreter = new Interpreter();

/**
 * FEEL turns a mistake into null and a warning. Here the first warning ends the evaluation, unless the host asked for the standard's
 * own way, which the compatibility kit measures.
 */
let mistakesAreNull = false;
export function setMistakes(kind) { mistakesAreNull = kind === 'null'; }

/** null in the standard's way, else the mistake itself. The engine's own errors (out of memory, too deep) always pass. */
export function nullOr(error) {
  if (!mistakesAreNull || !failureFrom(error)) throw error;
  return null;
}

class Strict extends InterpreterContext {
  addWarning(node, type, { template, values }) {
    if (mistakesAreNull) return;
    const facts = { template, source: node.input.slice(0, 200) };
    for (const key of Object.keys(values)) facts[key] = { type: typeOf(values[key]), text: show(values[key]) };
    throw new Failure(type, facts, node.position.from);
  }
}
const strict = new Strict();

// A compiled expression takes about 200 bytes for each character; 100 000 characters leave most of the heap to the data.
const CACHE_CHARACTERS = 100000;
const cache = new Map();
let cachedCharacters = 0;

function compiledFor(key) {
  let texts = cache.get(key);
  if (!texts) cache.set(key, texts = new Map());
  return texts;
}

/** The names an expression can see, with the compiled expressions for them. */
export class Scope {
  constructor(values, odd = oddNamesOf(values)) {
    this.values = values;
    this.odd = odd;
    this.key = Object.keys(values).join(',') + (odd.size ? '\u0000' + [...odd].sort().join('\u0001') : '');
    this.generation = -1;
  }

  /** This scope and more names. */
  with(more) { return new Scope({ ...this.values, ...more }, oddNamesOf(more, this.odd)); }

  compiled(kind, text) {
    if (this.generation !== generation) {
      this.texts = { e: compiledFor('e' + this.key), u: compiledFor('u' + this.key) };
      this.generation = generation;
    }
    return this.texts[kind].get(text) || this.compile(kind, text);
  }

  compile(kind, text) {
    if (cachedCharacters > CACHE_CHARACTERS) emptyCache();
    const parse = kind === 'e' ? interpreter.evaluate : interpreter.unaryTest;
    const { root } = parse.call(interpreter, text, this.values, undefined, strict);
    if (typeof root !== 'function') throw new Failure('EMPTY');
    const texts = compiledFor(kind + this.key);
    texts.set(text, root);
    cachedCharacters += text.length + 50;
    return root;
  }
}

let generation = 0;
function emptyCache() {
  cache.clear();
  cachedCharacters = 0;
  generation++;
}

/** The value of `text` in `scope`; throws Failure at the first mistake. */
export function evaluate(text, scope) {
  try {
    const value = scope.compiled('e', text)(scope.values);
    return value === undefined ? null : value;
  } catch (error) { return nullOr(error); }
}

/** Whether the unary tests `text` accept `scope.values['?']`. */
export function accepts(text, scope) {
  return scope.compiled('u', text)(scope.values)(scope.values['?']) === true;
}

export const isFunction = (value) => typeof value === 'function' || value instanceof FeelFunction;
export const makeFunction = (body, parameters) => new FeelFunction(body, parameters);

/** Call a FEEL function with named arguments. */
export function invoke(target, named) {
  const result = (target instanceof FeelFunction ? target : new FeelFunction(target, target.$args || [])).invoke(named);
  if (isInvocationFailure(result)) return nullOr(new Failure(result.warning, { template: result.template }));
  return result === undefined ? null : result;
}

/** What a `for` runs over: a list, a range of numbers, or one thing. */
export function iterable(value) {
  if (Array.isArray(value)) return value;
  return value instanceof FeelRange ? value.map((x) => x) : [value];
}
