// The door of the bundle feel.js: what the host may call. Text in, text out; nothing else crosses.

// First of all: feelin looks for Intl while it loads.
import './intl.js';
import { builtins, host } from 'feelin';
import { addZone, setLocalZone } from './intl.js';
import { installClock } from './moment.js';
import { failureFrom } from './failure.js';
import { evaluate, Scope, setMistakes } from './expressions.js';
import { problems, reads, variables } from './analysis.js';
import { examine } from './inference.js';
import { plain, read, setTag } from './values.js';
import { decide } from './dmn/graph.js';
import { hardenRealm } from './harden.js';

let maxResult = 2000000;
const models = new Map();
const MAX_MODELS = 50;

function answered(question) {
  let answer;
  try {
    answer = question();
    // Most conditions end here: true and false cross without JSON.
    if (answer === true || answer === false) return answer;
    answer = JSON.stringify(answer === null ? { value: null } : answer);
  } catch (error) {
    const failure = failureFrom(error);
    if (!failure) throw error;
    const { code, facts, position, places } = failure;
    return JSON.stringify({ failure: { code, facts, position, places } });
  }
  return answer.length > maxResult ? JSON.stringify({ failure: { code: 'RESULT_TOO_LARGE', facts: { characters: answer.length }, position: null, places: [] } }) : answer;
}

function valueOf(text, json, now) {
  host.now = now;
  const value = evaluate(text, new Scope(read(json)));
  return typeof value === 'boolean' ? value : { value: plain(value) };
}

function decisionOf(key, id, json, now) {
  host.now = now;
  const outcome = decide(models.get(key), id, read(json));
  return { value: plain(outcome.value), hits: outcome.hits, inputs: plain(outcome.inputs || outcome.asked), outputs: plain(outcome.outputs), trace: outcome.trace };
}

globalThis.FEEL = Object.freeze({
  configure(tag, zone, resultLimit, mistakes) {
    setTag(tag);
    setLocalZone(zone);
    host.zone = zone;
    maxResult = resultLimit;
    setMistakes(mistakes);
  },
  addZone(id, json) { const { transitions, offsets } = JSON.parse(json); addZone(id, transitions, offsets); },
  evaluate: (text, json, now) => answered(() => valueOf(text, json, now)),
  builtIns: () => Object.keys(builtins).join('\n'),
  problems: (kind, text, names) => answered(() => ({ value: problems(kind, text, JSON.parse(names)) })),
  variables: (text, names) => answered(() => ({ value: variables(text, JSON.parse(names)) })),
  reads: (text, names) => answered(() => ({ value: reads(text, JSON.parse(names)) })),
  examine: (text, shapes) => answered(() => ({ value: examine(text, JSON.parse(shapes)) })),
  hasModel: (key) => models.has(key),
  addModel(key, json) {
    if (models.size >= MAX_MODELS) models.delete(models.keys().next().value);
    models.set(key, JSON.parse(json));
  },
  decide: (key, id, json, now) => answered(() => decisionOf(key, id, json, now)),
});

installClock();
hardenRealm();
