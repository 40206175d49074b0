// Owns what we change in feelin 8.2.0 at build time, each change with its reason. Refuses to build when feelin's text moved.

import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const PRELUDE = fs.readFileSync(new URL('./feelin_prelude.js', import.meta.url), 'utf8');

const EXPORTS = `
export { Interpreter, InterpreterContext, isInvocationFailure, isContext, getBuiltin, builtins, __host as host };
`;

const WARN = (type, template, values) => `interpreterContext.addWarning(node, '${type}', { template: ${JSON.stringify(template)}, values: ${values} })`;

/** [why, text in feelin, our text]. Every place where the text occurs is replaced. */
const PATCHES = [
  ['Sums of money must come out as an analyst expects (0.1 + 0.2 = 0.3), so arithmetic keeps 15 digits.',
    '                    return a + b;\n', '                    return __fifteen(a + b);\n'],
  ['15 digits', '                    return a - b;\n', '                    return __fifteen(a - b);\n'],
  ['15 digits', '(a, b) => a * b', '(a, b) => __fifteen(a * b)'],
  ['15 digits; a division by zero is a mistake, not null.',
    '(a, b) => !b ? null : a / b',
    `(a, b) => !b ? (${WARN('DIVISION_BY_ZERO', 'Division by zero', '{}')}, null) : __fifteen(a / b)`],
  ['15 digits', 'sum === null ? el : sum + el', 'sum === null ? el : __fifteen(sum + el)'],
  ['15 digits', 'func(n * Math.pow(10, scale))', 'func(__fifteen(n * Math.pow(10, scale)))'],
  ['15 digits', '(n * Math.pow(10, scale)) % 1', '__fifteen(n * Math.pow(10, scale)) % 1'],
  ['15 digits', 'const decimalPart = n - floored;', 'const decimalPart = __fifteen(n - floored);'],
  ['15 digits', 'return s === null ? s : s / list.length;', 'return s === null ? s : __fifteen(s / list.length);'],
  ['15 digits', 'return result * n;', 'return __fifteen(result * n);'],
  ['1e3 is 1000, not 1.', "node.input.includes('.') ? parseFloat(node.input) : parseInt(node.input)", 'parseFloat(node.input)'],
  ['The median of [9, 10, 100] is 10; feelin sorts numbers as text.', 'const sorted = array.slice().sort();', 'const sorted = array.slice().sort((a, b) => a - b);'],
  ['min and max also order texts, dates and durations, as the standard says.',
    "listFn(function (...list) {\n        return list.reduce((min, el) => min === null ? el : Math.min(min, el), null);\n    }, 'number',",
    "listFn(function (...list) {\n        return __extreme(list, -1);\n    }, 'any',"],
  ['The same for max.',
    "listFn(function (...list) {\n        return list.reduce((max, el) => max === null ? el : Math.max(max, el), null);\n    }, 'number',",
    "listFn(function (...list) {\n        return __extreme(list, 1);\n    }, 'any',"],
  ['Durations can be multiplied, divided and negated.',
    '            const nullable = (op, opName, types = NUMBER_ONLY) => (a, b) => {\n                const left = a(context);\n                const right = b(context);\n',
    '            const nullable = (op, opName, types = NUMBER_ONLY) => (a, b) => {\n                const left = a(context);\n                const right = b(context);\n'
    + '                if (isDuration(left) || isDuration(right)) {\n                    const result = __durationArithmetic(node.input, left, right);\n                    if (result !== undefined) return result;\n                }\n'],
  ['A duration of years and months has no days.',
    "return new FeelDuration(from.value.until(to.value, { largestUnit: 'month' }), true);",
    "return new FeelDuration(Temporal.Duration.from({ months: from.value.until(to.value, { largestUnit: 'month' }).months }), true);"],

  ['The moment comes from the host (as wall clock of its zone), never from the machine.',
    'const zdt = Temporal.Now.zonedDateTimeISO();\n    return new FeelDateTime(zdt.toPlainDateTime(), zdt.timeZoneId);',
    'if (!__host.now) throw new Error("NOW_NOT_GIVEN");\n    return new FeelDateTime(Temporal.PlainDateTime.from(__host.now), __host.zone);'],
  ['The day comes from the host too.', 'return new FeelDate(Temporal.Now.plainDateISO());', 'return dateOf(now());'],
  ['A date and time without a zone is the wall clock of the host zone; feelin would take it as UTC.',
    "const zone = (_a = value.zone) !== null && _a !== void 0 ? _a : 'UTC';",
    'const zone = (_a = value.zone) !== null && _a !== void 0 ? _a : __host.zone;'],
  ['A date plus hours is a wall-clock moment of the host zone, not UTC.',
    "return new FeelDateTime(temporal.value.toPlainDateTime().add(d), 'UTC');",
    'return new FeelDateTime(temporal.value.toPlainDateTime().add(d), __host.zone);'],
  ['With that, a moment with a zone can equal one without; `is` still tells them apart.',
    '        if (isZoned(a) !== isZoned(b)) {\n            return false;', '        if (strict && isZoned(a) !== isZoned(b)) {\n            return false;'],
  ['feelin subtracts wall clocks even when the zones differ.',
    '    const left = toPlainDateTime(a);\n',
    '    if (isZoned(a) || isZoned(b)) return duration(__epoch(a) - __epoch(b));\n    const left = toPlainDateTime(a);\n'],
  ['Midnight of the host zone, as elsewhere.',
    'function toPlainDateTime(temporal) {',
    'function __epoch(t) { return toComparable(isDate(t) ? new FeelDateTime(t.value.toPlainDateTime(), null) : t); }\nfunction toPlainDateTime(temporal) {'],

  ['`x != null and x > 3` must not evaluate its right side for a null x; the value of the conjunction is the same.',
    "case 'Conjunction': return tag((context) => {\n            const left = args[0](context);\n            const right = args[2](context);",
    "case 'Conjunction': return tag((context) => {\n            const left = args[0](context);\n            if (left === false) return false;\n            const right = args[2](context);"],
  ['The same for `or`.',
    "case 'Disjunction': return tag((context) => {\n            const left = args[0](context);\n            const right = args[2](context);",
    "case 'Disjunction': return tag((context) => {\n            const left = args[0](context);\n            if (left === true) return true;\n            const right = args[2](context);"],
  ['`and` and `or` over something that is neither true nor false is a mistake.',
    '            return null;\n        }, \'test\');\n        case \'Con',
    `            ${WARN('NOT_BOOLEAN', 'Not true or false', '{ left, right }')};\n            return null;\n        }, 'test');\n        case 'Con`],
  ['A comparison without an answer (text with number, anything ordered against null) is a mistake.',
    '            const test = operator()(right);\n            return compareValue(test, left);',
    `            const test = operator()(right);\n            const answer = compareValue(test, left);\n            if (answer === null) ${WARN('INVALID_COMPARISON', "Can't compare {left} with {right}", '{ left, right }')};\n            return answer;`],
  ['`if` asks for true or false; feelin takes any text or number as true.',
    'if (isTruthy(ifCondition(context))) {',
    `const condition = ifCondition(context);\n                if (condition !== null && typeof condition !== 'boolean') ${WARN('NOT_BOOLEAN', 'Not true or false', '{ left: condition }')};\n                if (condition === true) {`],
  ['Arguments of a wrong type are a mistake, not null.',
    '        if (!convertedArgs) {\n            return null;',
    "        if (!convertedArgs) {\n            return invalidArguments('ARGUMENT_TYPES', { arguments: args });"],
  ['The same for functions over lists.',
    '        if (!args.every(arg => tester(arg) !== FALSE)) {\n            return null;',
    "        if (!args.every(arg => tester(arg) !== FALSE)) {\n            return invalidArguments('ARGUMENT_TYPES', { arguments: args });"],
  ...['overlaps before', 'overlaps after', 'finishes', 'finished by', 'during', 'starts', 'started by', 'coincides'].map((name) => [
    'feelin names these functions and throws.',
    `'${name}': fn(function () {\n        throw notImplemented('${name}');\n    }, ['any?']),`,
    `'${name}': fn(__intervals['${name}'], ['any', 'any'], ['a', 'b']),`]),
  ['`for` also runs over the days from one date to another, and down to 0; over letters or a range written backwards it runs over nothing.',
    'return b ? createRange(a, b) : a;',
    `const span = args[2] ? (isDate(a) && isDate(b) ? __days(a, b) : createRange(a, b)) : a;
            if (__isCountable(span, !!args[2])) return span;
            ${WARN('NOT_COUNTABLE', 'Cannot count through {span}', '{ span }')};
            return null;`],
  ['true as a filter keeps all, and what is filtered is a list.', 'if (idx === true) {\n                        return target;', 'if (idx === true) {\n                        return filterTarget;'],
  ['A range from or to null says nothing of where it ends.',
    'return createRange(left, right, startIncluded, endIncluded);', 'return __vague(createRange(left, right, startIncluded, endIncluded), left === null || right === null);'],
  ['So nothing can be said to be in it.',
    'return compareIn(args[0](context), (args[3] || args[2])(context));',
    `const left = args[0](context), tests = (args[3] || args[2])(context);
                if (![].concat(tests).some(__isVague)) return compareIn(left, tests);
                ${WARN('INVALID_COMPARISON', "Can't compare {left} with {right}", '{ left, right: null }')};
                return null;`],
  ['A variable alone in a cell of a boolean column is the value to be equal to, as true and false are.',
    "if (args[0].type === 'boolean' && has$1(context, '?')) {",
    "if (has$1(context, '?') && (args[0].type === 'boolean' || (typeof context['?'] === 'boolean' && __isPath(node.input)))) {"],
  ['The types of parameters count.', "case 'FormalParameter': return args[0];", "case 'FormalParameter': return { name: args[0], type: args.find(isTypeDescriptor) };"],
  ['The same.', "case 'FormalParameters': return args;", "case 'FormalParameters': return Object.assign(args.map((one) => one.name), { types: args.map((one) => one.type) });"],
  ['The same.', 'context[name] = args[idx];',
    `const type = parameterNames.types && parameterNames.types[idx];
                    const fits = !type || args[idx] === null || args[idx] === undefined || matchesType(args[idx], type, context);
                    if (!fits) ${WARN('INVALID_ARGUMENTS', 'ARGUMENT_TYPES', '{ arguments: args }')};
                    context[name] = fits ? args[idx] : null;`],
  ['`some` and `every` ask for true or false; feelin takes any text or number as true.',
    'isTruthy(_condition(ctx))', '__isTrue(_condition(ctx), () => ' + WARN('NOT_BOOLEAN', 'Not true or false', '{ left: null }') + ')'],
  ['A named type of a DMN model is one that `instance of` knows.',
    'const target = descriptor.resolve ?', "const known = __host.isOfType && __host.isOfType(value, descriptor.name);\n            if (typeof known === 'boolean') return known;\n            const target = descriptor.resolve ?"],
  ['An offset reaches 18 hours at most, as the standard says.', 
    'function isValidZone(zone) {\n', 'function isValidZone(zone) {\n    if (/^[+-]\\d\\d:/.test(zone) && Math.abs(+zone.slice(0, 3)) > 18) return false;\n'],
  ['An entry that is null has any type.', 
    'has$1(value, name) && matchesType(value[name], type, context)', 'has$1(value, name) && (value[name] === null || matchesType(value[name], type, context))'],

  ['A moment has an offset or the name of a zone, not both.',
    '            zone: str.substring(atIndex + 1)\n', "            zone: /(z|[+-]\\d{2}:\\d{2})$/i.test(str.substring(0, atIndex)) ? 'none' : str.substring(atIndex + 1)\n"],
  ['A scale is a whole number.', 'function offsetted(func, n, scale) {\n', "function offsetted(func, n, scale) {\n    scale = Math.trunc(scale);\n    if (scale < -6111 || scale > 6176) return invalidArguments('ARGUMENT_TYPES', { arguments: [n, scale] });\n"],
];

const COMPILED = fileURLToPath(new URL('./form_expressions.js', import.meta.url));

/** The same for `@bpmn-io/feelin`, the copy that form-js uses: what it says stays as it is in the browser, it only says it faster. */
const FORM_PATCHES = ['evaluate', 'unaryTest'].map((kind) => ['A text is parsed once, not whenever it is asked.',
  `const { root } = interpreter.${kind}(expression, evalContext, dialect, interpreterContext);`,
  `const root = __compiled(interpreter, '${kind}', expression, evalContext, dialect);`]);

function patch(source, patches, version) {
  return patches.reduce((text, [why, from, to]) => {
    if (!text.includes(from)) throw new Error(`Expected the text of ${version} but it has moved; mend the patch “${why}” at: ${from}`);
    return text.split(from).join(to);
  }, source);
}

export function patchFormFeelin(source) {
  return `import { compiled as __compiled } from ${JSON.stringify(COMPILED)};\n${patch(source, FORM_PATCHES, '@bpmn-io/feelin 6.1.1')}`;
}

export function patchFeelin(source) {
  const patched = patch(source, PATCHES, 'feelin 8.2.0');
  return patched.replace(/\nfunction notImplemented/, `${PRELUDE}\nfunction notImplemented`) + EXPORTS;
}
