// Owns DMN item definitions: does a value conform, and the conversions the standard allows. Knows nothing of tables or graphs.

import { Failure } from '../failure.js';
import { accepts, evaluate, nullOr, Scope } from '../expressions.js';
import { readTemporal, show, typeOf } from '../values.js';

const own = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
const isNull = (value) => value === null || value === undefined;

/** Names of built-in types, DMN's and those that Camunda 7 writes, and the FEEL type each means. */
const BUILT_IN = {
  string: 'string', number: 'number', integer: 'number', long: 'number', double: 'number', boolean: 'boolean', date: 'date', time: 'time',
  'date and time': 'date and time', dateTime: 'date and time',
  'days and time duration': 'days and time duration', dayTimeDuration: 'days and time duration',
  'years and months duration': 'years and months duration', yearMonthDuration: 'years and months duration',
  Any: 'Any', any: 'Any', context: 'context', list: 'list', function: 'function',
};
const WHOLE = new Set(['integer', 'long']);
const TEMPORAL = { date: 'date', time: 'time', 'date and time': 'date and time', 'days and time duration': 'duration', 'years and months duration': 'duration' };
const MAX_DEPTH = 30;

function conforms(value, type, types, depth = 0) {
  if (isNull(value)) return true;
  if (own(types, type)) return conformsToItem(value, types[type], types, depth);
  const name = BUILT_IN[type];
  if (name === undefined || name === 'Any') return true;
  return typeOf(value) === name && !(WHOLE.has(type) && !Number.isInteger(value));
}

function conformsToItem(value, item, types, depth) {
  if (depth > MAX_DEPTH || isNull(value)) return true;
  if (item.isFunction) return typeOf(value) === 'function';
  if (item.constraint && !accepts(item.constraint, new Scope({ '?': value }))) return false;
  if (!item.isCollection) return conformsToElement(value, item, types, depth);
  return Array.isArray(value) && value.every((element) => conformsToElement(element, item, types, depth));
}

function conformsToElement(value, item, types, depth) {
  if (isNull(value)) return true;
  if (item.components.length) {
    if (typeOf(value) !== 'context') return false;
    if (!item.components.every((part) => own(value, part.name) && conformsToItem(value[part.name], part, types, depth + 1))) return false;
  } else if (item.type && !conforms(value, item.type, types, depth + 1)) return false;
  return !item.allowed || accepts(item.allowed, new Scope({ '?': value }));
}

function isListType(type, types, depth = 0) {
  if (type === 'list') return true;
  if (!own(types, type) || depth > MAX_DEPTH) return false;
  const item = types[type];
  return item.isCollection || (!item.components.length && !!item.type && isListType(item.type, types, depth + 1));
}

/** The built-in type behind a named one, for the conversion of ISO text. */
function builtInBehind(type, types, depth = 0) {
  if (!own(types, type)) return BUILT_IN[type];
  const item = types[type];
  return depth > MAX_DEPTH || item.isCollection || !item.type ? undefined : builtInBehind(item.type, types, depth + 1);
}

// Process data is JSON and has no dates: where the model asks for a date, ISO text is read as one.
function fromIsoText(value, type, types) {
  const kind = TEMPORAL[builtInBehind(type, types)];
  return kind && typeof value === 'string' ? readTemporal(kind, value) : null;
}

/** A structure whose parts are ISO text where its type asks for dates and durations, with those read; null when it is none. */
function withIsoParts(value, type, types) {
  const item = own(types, type) ? types[type] : null;
  if (!item || item.isCollection || !item.components.length || typeOf(value) !== 'context') return null;
  const read = { ...value };
  for (const { name, type: partType, isCollection } of item.components) {
    if (!isCollection && partType && own(value, name) && !isNull(value[name])) read[name] = fromIsoText(value[name], partType, types) || withIsoParts(value[name], partType, types) || value[name];
  }
  return read;
}

/** Whether `value` is an instance of the named type, allowed values aside; undefined when there is no such type. */
export function isInstance(value, type, types, depth = 0) {
  if (own(types, type)) return isInstanceOfItem(value, types[type], types, depth);
  const name = BUILT_IN[type];
  return name === undefined ? undefined : !isNull(value) && (name === 'Any' || typeOf(value) === name);
}

function isInstanceOfItem(value, item, types, depth) {
  if (isNull(value) || depth > MAX_DEPTH) return false;
  if (item.isFunction) return typeOf(value) === 'function';
  const isOne = (one) => {
    if (!item.components.length) return !item.type || isInstance(one, item.type, types, depth + 1) === true;
    return typeOf(one) === 'context'
      && item.components.every((part) => own(one, part.name) && (isNull(one[part.name]) || isInstanceOfItem(one[part.name], part, types, depth + 1)));
  };
  return item.isCollection ? Array.isArray(value) && value.every(isOne) : isOne(value);
}

/** Like `coerced`; null for what does not conform where mistakes are null. */
export function coerce(value, type, types) {
  try { return coerced(value, type, types); } catch (error) { return nullOr(error); }
}

/** `value` as `type`, by DMN's implicit conversions (one-element lists, date to midnight, ISO text); Failure when it is none. */
export function coerced(value, type, types) {
  if (isNull(value)) return null;
  if (!type || conforms(value, type, types)) return value;
  if (Array.isArray(value) && value.length === 1 && !isListType(type, types) && conforms(value[0], type, types)) return value[0];
  if (!Array.isArray(value) && isListType(type, types) && conforms([value], type, types)) return [value];
  const moment = fromIsoText(value, type, types) || withIsoParts(value, type, types);
  if (moment !== null && conforms(moment, type, types)) return moment;
  if (BUILT_IN[type] === 'date and time' && typeOf(value) === 'date') {
    return evaluate('date and time(v, time("00:00:00@UTC"))', new Scope({ v: value }));
  }
  throw new Failure('TYPE_MISMATCH', { value: show(value), expected: type });
}
