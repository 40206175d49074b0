// Owns the passage of values between the host's JSON and FEEL. Dates travel as {[tag]: type, v: text}; the tag is secret to the
// host and the realm, so that no process data can pass itself off as a date.

import { FeelDate, FeelTime, FeelDateTime, FeelDuration, FeelRange, FeelFunction, parseDate, parseTime, parseDateTime, duration, isContext } from 'feelin';
import { Failure } from './failure.js';

let tag = null;
export function setTag(text) { tag = text; }

const own = (object, key) => Object.prototype.hasOwnProperty.call(object, key);

export function typeOf(value) {
  if (value === null || value === undefined) return 'Null';
  switch (typeof value) { case 'boolean': case 'number': case 'string': case 'function': return typeof value; }
  if (Array.isArray(value)) return 'list';
  if (isContext(value)) return 'context';
  if (value instanceof FeelDate) return 'date';
  if (value instanceof FeelTime) return 'time';
  if (value instanceof FeelDateTime) return 'date and time';
  if (value instanceof FeelDuration) return value.yearsMonths ? 'years and months duration' : 'days and time duration';
  if (value instanceof FeelRange) return 'range';
  if (value instanceof FeelFunction) return 'function';
  return 'other';
}

const READERS = { 'date': parseDate, 'time': parseTime, 'date and time': parseDateTime, 'duration': duration };

/** Text of a date, time, date and time or duration as a FEEL value; null when it is none. */
export function readTemporal(type, text) {
  try { return READERS[type](text); } catch (error) { return null; }
}

function revived(node) {
  if (node === null || typeof node !== 'object') return node;
  if (Array.isArray(node)) return node.map(revived);
  if (own(node, tag)) return READERS[node[tag]](node.v);
  const out = {};
  for (const key of Object.keys(node)) out[key] = revived(node[key]);
  return out;
}

/** Host JSON as FEEL values. A leading space says that the text holds no tag. */
export function read(json) {
  const node = JSON.parse(json);
  return json.charCodeAt(0) === 32 ? node : revived(node);
}

/** A FEEL value as JSON-ready data with tags. */
export function plain(value) {
  const type = typeOf(value);
  switch (type) {
    case 'Null': return null;
    case 'boolean': case 'string': return value;
    case 'number':
      if (!Number.isFinite(value)) throw new Failure('NOT_A_NUMBER', { value: String(value) });
      return value;
    case 'list': return value.map(plain);
    case 'date': case 'time': case 'date and time': return { [tag]: type, v: value.toString() };
    case 'days and time duration': return { [tag]: 'duration', v: value.toString() };
    case 'years and months duration': return value.toString();
    case 'context': {
      const out = {};
      for (const key of Object.keys(value)) out[key] = plain(value[key]);
      return out;
    }
  }
  throw new Failure('BAD_RESULT', { type });
}

/** Short text of a value for a message. */
export function show(value) {
  const type = typeOf(value);
  if (type === 'function' || type === 'range' || type === 'other') return type;
  const text = ['Null', 'boolean', 'number', 'string', 'list', 'context'].includes(type) ? JSON.stringify(value === undefined ? null : value) : value.toString();
  return text.length > 80 ? text.slice(0, 77) + '…' : text;
}
