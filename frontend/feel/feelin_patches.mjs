// Owns what we change in feelin 8.2.0 at build time, each change with its reason. Refuses to build when feelin's text moved.

const PRELUDE = `
const __fifteen = n => typeof n === "number" && n === n && n !== Infinity && n !== -Infinity ? +n.toPrecision(15) : n;
const __host = { zone: "UTC", now: null };
`;

const EXPORTS = `
export { Interpreter, InterpreterContext, SyntaxError as FeelSyntaxError, isInvocationFailure, isContext, getBuiltin, builtins, equals, __host as host };
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

  ['The moment comes from the host, never from the machine.',
    'const zdt = Temporal.Now.zonedDateTimeISO();',
    'if (!__host.now) throw new Error("NOW_NOT_GIVEN"); const zdt = Temporal.Instant.from(__host.now).toZonedDateTimeISO(__host.zone);'],
  ['The day comes from the host too.', 'return new FeelDate(Temporal.Now.plainDateISO());', 'return dateOf(now());'],
  ['A date and time without a zone is the wall clock of the host zone; feelin would take it as UTC.',
    "const zone = (_a = value.zone) !== null && _a !== void 0 ? _a : 'UTC';",
    'const zone = (_a = value.zone) !== null && _a !== void 0 ? _a : __host.zone;'],
  ['A date plus hours is a wall-clock moment of the host zone, not UTC.',
    "return new FeelDateTime(temporal.value.toPlainDateTime().add(d), 'UTC');",
    'return new FeelDateTime(temporal.value.toPlainDateTime().add(d), __host.zone);'],
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
];

export function patchFeelin(source) {
  const patched = PATCHES.reduce((text, [why, from, to]) => {
    if (!text.includes(from)) throw new Error(`Expected the text of feelin 8.2.0 but it has moved; mend the patch “${why}” at: ${from}`);
    return text.split(from).join(to);
  }, source);
  return patched.replace(/\nfunction notImplemented/, `${PRELUDE}\nfunction notImplemented`) + EXPORTS;
}
