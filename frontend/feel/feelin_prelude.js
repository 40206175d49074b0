// Goes into feelin 8.2.0 at build time, before its own code, and uses its functions. The patches call what is here.
// Names begin with two underscores so that none meets one of feelin's.

/** Arithmetic keeps 15 significant digits, which a double holds exactly enough for money. */
const __fifteen = n => typeof n === "number" && n === n && n !== Infinity && n !== -Infinity ? +n.toPrecision(15) : n;
/** Set by the host before each call: the zone, and the moment as wall clock of that zone. */
const __host = { zone: "UTC", now: null };

/** The largest (sign 1) or smallest (sign -1) of numbers, texts, dates or durations. */
function __extreme(list, sign) {
  if (list.length === 0) return null;
  const type = getType(list[0]);
  if (!RANGE_TYPES.has(type) || list.some(element => getType(element) !== type)) return invalidArguments('ARGUMENT_TYPES', { arguments: list });
  return list.reduce((best, element) => (comparable(element) - comparable(best)) * sign > 0 || (type === 'string' && (element > best) === (sign > 0)) ? element : best);
}

const __months = d => d.value.years * 12 + d.value.months;
const __milliseconds = d => d.value.total({ unit: 'millisecond', relativeTo: REFERENCE_DATE });
const __durationOf = (like, amount) => like.yearsMonths ? new FeelDuration(Temporal.Duration.from({ months: Math.trunc(amount) }), true) : duration(Math.round(amount));
const __amount = d => d.yearsMonths ? __months(d) : __milliseconds(d);

/** Duration times or by a number, duration by duration, negated duration; undefined for everything else. */
function __durationArithmetic(operator, a, b) {
  if (operator === '*' && isDuration(a) && isNumber(b)) return __durationOf(a, __amount(a) * b);
  if (operator === '*' && isNumber(a) && isDuration(b)) return __durationOf(b, __amount(b) * a);
  if (operator === '/' && isDuration(a) && isNumber(b) && b !== 0) return __durationOf(a, __amount(a) / b);
  if (operator === '/' && isDuration(a) && isDuration(b) && a.yearsMonths === b.yearsMonths && __amount(b) !== 0) return __fifteen(__amount(a) / __amount(b));
  if (operator === '-' && a === 0 && isDuration(b)) return __durationOf(b, -__amount(b));
  return undefined;
}
