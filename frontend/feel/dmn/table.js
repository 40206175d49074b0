// Owns decision tables: which rules are hit and what the hit policy makes of them. Knows nothing of other expressions.

import { Failure, rethrowAt } from '../failure.js';
import { accepts, evaluate, Scope } from '../expressions.js';
import { show } from '../values.js';
import { coerce } from './types.js';

const isNull = (value) => value === null || value === undefined;
const isBlank = (text) => isNull(text) || text.trim() === '';
const isOpen = (text) => isBlank(text) || text.trim() === '-';

/** The table's value by DMN: a bare value for one output, a context for several. `record` receives what happened. */
export function decideTable(table, scope, types, record) {
  const inputs = table.inputs.map((input, column) => inputValue(input, column, scope, types));
  const asked = {};
  table.inputs.forEach((input, column) => { asked[uniqueLabel(input, column, asked)] = inputs[column]; });
  const hits = rulesHit(table, inputs, scope);
  record.inputs = asked;
  record.hits = hits.map((row) => table.rules[row].id);
  if (!hits.length) return withoutHit(table, asked, scope, types, record);
  const rows = () => hits.map((row) => outputsOf(table, row, scope, types));
  const result = POLICIES[table.hitPolicy](table, hits, rows, asked, scope);
  record.outputs = result.used.map((row) => asContext(table, row));
  if (result.hits) record.hits = result.hits.map((row) => table.rules[row].id);
  return result.value;
}

function uniqueLabel(input, column, taken) {
  const label = labelOf(input);
  return Object.prototype.hasOwnProperty.call(taken, label) ? `${label} (${column + 1})` : label;
}

function inputValue(input, column, scope, types) {
  try {
    const value = isBlank(input.text) ? null : coerce(evaluate(input.text, scope), input.type, types);
    if (!isOpen(input.values) && !isNull(value)) requireAllowed(value, input, scope);
    return value;
  } catch (error) { return rethrowAt(error, { input: column + 1, label: labelOf(input), text: input.text }); }
}

function requireAllowed(value, input, scope) {
  for (const single of Array.isArray(value) ? value : [value]) {
    if (!accepts(input.values, scope.with({ '?': single }))) throw new Failure('INPUT_NOT_ALLOWED', { value: show(value), allowed: input.values });
  }
}

function rulesHit(table, inputs, scope) {
  const scopes = inputs.map((value) => scope.with({ '?': value }));
  const hits = [];
  let row = 0, column = 0;
  try {
    next: for (row = 0; row < table.rules.length; row++) {
      const cells = table.rules[row].inputs;
      for (column = 0; column < scopes.length; column++) {
        if (!isOpen(cells[column]) && !accepts(cells[column].trim(), scopes[column])) continue next;
      }
      hits.push(row);
      if (table.hitPolicy === 'FIRST') break;
    }
  } catch (error) { rethrowAt(error, cellPlace(table, row, { input: column + 1, label: labelOf(table.inputs[column]), text: table.rules[row].inputs[column] })); }
  return hits;
}

const labelOf = (input) => input.label || input.text;
const cellPlace = (table, row, cell) => ({ rule: table.rules[row].id, row: row + 1, ...cell });

function outputsOf(table, row, scope, types) {
  return table.outputs.map((output, column) => {
    const text = table.rules[row].outputs[column];
    try {
      const value = isOpen(text) ? null : coerce(evaluate(text, scope), output.type, types);
      if (!isOpen(output.values) && !isNull(value)) requireAllowed(value, output, scope);
      return value;
    } catch (error) { return rethrowAt(error, cellPlace(table, row, { output: column + 1, label: output.label || output.name, text })); }
  });
}

const outputName = (output, index, table) => output.name || output.label || (table.outputs.length === 1 ? table.name : `output ${index + 1}`);
const asContext = (table, row) => Object.fromEntries(table.outputs.map((output, i) => [outputName(output, i, table), row[i]]));
const bare = (table, row) => (table.outputs.length === 1 ? row[0] : asContext(table, row));

function withoutHit(table, asked, scope, types, record) {
  record.outputs = [];
  if (table.outputs.some((output) => !isBlank(output.default))) {
    const row = table.outputs.map((output) => (isBlank(output.default) ? null : coerce(evaluate(output.default, scope), output.type, types)));
    record.outputs = [asContext(table, row)];
    return bare(table, row);
  }
  if (table.aggregation === 'COUNT') return 0;
  if (table.hitPolicy === 'COLLECT' && !table.aggregation) return [];
  throw new Failure('NO_RULE', { inputs: shown(asked) });
}

const shown = (asked) => Object.keys(asked).map((label) => [label, show(asked[label])]);
const same = (a, b) => { const left = JSON.stringify(a); return left === JSON.stringify(b); };
const idsOf = (table, rows) => rows.map((row) => table.rules[row].id);

const POLICIES = {
  UNIQUE(table, hits, rows, asked) {
    if (hits.length > 1) throw new Failure('NOT_UNIQUE', { rules: idsOf(table, hits), inputs: shown(asked) });
    return single(table, rows()[0]);
  },
  FIRST(table, hits, rows) { return single(table, rows()[0]); },
  ANY(table, hits, rows, asked) {
    const all = rows();
    if (all.some((row) => !same(row, all[0]))) throw new Failure('NOT_ANY', { rules: idsOf(table, hits), inputs: shown(asked) });
    return single(table, all[0]);
  },
  PRIORITY(table, hits, rows, asked, scope) {
    const [first] = byPriority(table, rows(), scope);
    return { ...single(table, first.row), hits: [hits[first.index]] };
  },
  'OUTPUT ORDER'(table, hits, rows, asked, scope) {
    const ordered = byPriority(table, rows(), scope);
    return { value: ordered.map(({ row }) => bare(table, row)), used: ordered.map(({ row }) => row), hits: ordered.map(({ index }) => hits[index]) };
  },
  'RULE ORDER'(table, hits, rows) { return many(table, rows()); },
  COLLECT(table, hits, rows) {
    const all = rows();
    return table.aggregation ? { value: aggregated(table, all), used: all } : many(table, all);
  },
};

const single = (table, row) => ({ value: bare(table, row), used: [row] });
const many = (table, rows) => ({ value: rows.map((row) => bare(table, row)), used: rows });

/** Rows ordered by the position of their outputs in the lists of output values, the first output first. */
function byPriority(table, rows, scope) {
  const lists = table.outputs.map((output) => (isBlank(output.values) ? null : evaluate(`[${output.values}]`, scope)));
  const rank = (row) => row.map((value, i) => {
    if (!lists[i]) return 0;
    const place = lists[i].findIndex((candidate) => same(candidate, value));
    return place < 0 ? Number.MAX_SAFE_INTEGER : place;
  });
  const ranked = rows.map((row, index) => ({ row, index, rank: rank(row) }));
  return ranked.sort((a, b) => { for (let i = 0; i < a.rank.length; i++) if (a.rank[i] !== b.rank[i]) return a.rank[i] - b.rank[i]; return a.index - b.index; });
}

const AGGREGATIONS = { SUM: 'sum(list)', MIN: 'min(list)', MAX: 'max(list)' };

function aggregated(table, rows) {
  if (table.aggregation === 'COUNT') return rows.length;
  const column = (i) => evaluate(AGGREGATIONS[table.aggregation], new Scope({ list: rows.map((row) => row[i]) }));
  return table.outputs.length === 1 ? column(0) : Object.fromEntries(table.outputs.map((output, i) => [outputName(output, i, table), column(i)]));
}
