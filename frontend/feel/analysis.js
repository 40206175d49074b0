// Owns what can be said of an expression without evaluating it: syntax problems, unknown functions, variables read.

import { parseExpression, parseUnaryTests, getBuiltin } from 'feelin';
import { Scope } from './expressions.js';
import { isPlainName } from './names.js';
import { failureFrom } from './failure.js';

/** A sample in which every one of `names` exists, three levels deep, so that names with spaces are read as names. */
function sample(names) {
  const level = (inner) => Object.fromEntries(names.map((name) => [name, inner]));
  return level(level(level(null)));
}

const parsed = (kind, text, names) => (kind === 'u' ? parseUnaryTests : parseExpression)(text, sample(names));

/**
 * Problems of `text`: [{code, position, facts}]; kind 'e' for an expression, 'u' for unary tests of a table cell. `names` may be
 * functions; those that are not plain words change how the text is read.
 */
export function problems(kind, text, names) {
  const odd = names.filter((name) => !isPlainName(name) && text.includes(name));
  try {
    new Scope(sample(odd)).compile(kind, text);
  } catch (error) {
    const failure = failureFrom(error);
    if (!failure) throw error;
    return [{ code: failure.code, position: failure.position, facts: failure.facts }];
  }
  return unknownFunctions(text, parsed(kind, text, odd).topNode, new Set(names));
}

function unknownFunctions(text, top, known) {
  const found = [];
  walk(text, top, new Set(), false, {
    call(name, position) { if (!known.has(name) && !getBuiltin(name)) found.push({ code: 'NO_FUNCTION', position, facts: { name } }); },
  });
  return found;
}

/**
 * Top-level variables that `text` reads: [name, position of the first place]. Names inside a filter may be of the list's items and are
 * left out.
 */
export function reads(text, names) {
  const found = new Map();
  walk(text, parsed('e', text, names).topNode, new Set(), false, {
    read(name, isInFilter, position) { if (!isInFilter && !found.has(name)) found.set(name, position); },
  });
  return [...found].filter(([name]) => !getBuiltin(name) || names.includes(name));
}

export const variables = (text, names) => reads(text, names).map(([name]) => name);

const children = (node) => { const all = []; for (let c = node.firstChild; c; c = c.nextSibling) all.push(c); return all; };
const nameAt = (text, node) => text.slice(node.from, node.to).replace(/`/g, '').replace(/\s+/g, ' ');

/** Visit `node`; `bound` holds the names introduced by for, some, every, functions and contexts around it. */
function walk(text, node, bound, isInFilter, visitor) {
  const step = (child, more = bound, inFilter = isInFilter) => walk(text, child, more, inFilter, visitor);
  const parts = children(node);
  switch (node.name) {
    case 'VariableName': {
      const name = nameAt(text, node);
      if (!bound.has(name) && visitor.read) visitor.read(name, isInFilter, node.from);
      return;
    }
    case 'FunctionInvocation': {
      const [target] = parts;
      if (target.name === 'VariableName' && visitor.call && !bound.has(nameAt(text, target))) visitor.call(nameAt(text, target), target.from);
      parts.forEach((part, i) => { if (i > 0 || part.name !== 'VariableName') step(part); });
      return;
    }
    case 'ForExpression': case 'QuantifiedExpression': return walkIteration(text, parts, bound, step);
    case 'FunctionDefinition': {
      const names = parts.filter((p) => p.name === 'FormalParameters').flatMap(children).map((p) => nameAt(text, p.getChild('ParameterName') || p));
      const inner = new Set([...bound, ...names]);
      parts.filter((p) => p.name !== 'FormalParameters').forEach((p) => step(p, inner));
      return;
    }
    case 'Context': return walkContext(text, parts, bound, step);
    case 'FilterExpression':
      step(parts[0]);
      parts.slice(1).forEach((part) => step(part, new Set([...bound, 'item']), true));
      return;
  }
  parts.forEach((part) => step(part));
}

function walkIteration(text, parts, bound, step) {
  const inner = new Set([...bound, 'partial']);
  for (const part of parts) {
    if (part.name !== 'InExpressions') { step(part, inner); continue; }
    for (const pair of children(part)) {
      const [name, ...rest] = children(pair);
      rest.forEach((child) => step(child, new Set(inner)));
      if (name) inner.add(nameAt(text, name));
    }
  }
}

function walkContext(text, parts, bound, step) {
  const inner = new Set(bound);
  for (const entry of parts.filter((part) => part.name === 'ContextEntry')) {
    const [key, ...rest] = children(entry);
    rest.forEach((child) => step(child, new Set(inner)));
    inner.add(nameAt(text, key).replace(/^"|"$/g, ''));
  }
}
