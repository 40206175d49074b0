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

const __starts = (a, b) => cmp(a.start, b.start) === 0 && a['start included'] === b['start included'];
const __ends = (a, b) => cmp(a.end, b.end) === 0 && a['end included'] === b['end included'];
const __endsFirst = (a, b) => cmp(a.end, b.end) < 0 || (cmp(a.end, b.end) === 0 && (!a['end included'] || b['end included']));
const __startsLast = (a, b) => cmp(a.start, b.start) > 0 || (cmp(a.start, b.start) === 0 && (!a['start included'] || b['start included']));
const __point = (range, which, value) => range[which + ' included'] && cmp(range[which], value) === 0;

/** The relations of intervals that feelin leaves out (DMN 10.3.4.7); `a` may be a point where the standard says so. */
const __intervals = {
  during: (a, b) => isRange(b) ? rangeIncludes(b, a) : null,
  starts: (a, b) => isRange(a) ? __starts(a, b) && __endsFirst(a, b) : __point(b, 'start', a),
  finishes: (a, b) => isRange(a) ? __ends(a, b) && __startsLast(a, b) : __point(b, 'end', a),
  coincides: (a, b) => isRange(a) !== isRange(b) ? null : isRange(a) ? __starts(a, b) && __ends(a, b) : equals(a, b),
  'started by': (a, b) => __intervals.starts(b, a),
  'finished by': (a, b) => __intervals.finishes(b, a),
  'overlaps before': (a, b) => !__startsLast(a, b) && __endsFirst(a, b)
    && (cmp(a.end, b.start) > 0 || (cmp(a.end, b.start) === 0 && a['end included'] && b['start included'])),
  'overlaps after': (a, b) => __intervals['overlaps before'](b, a),
};

function __isTrue(value, warn) {
  if (value !== null && typeof value !== 'boolean') warn();
  return value === true;
}

/** The days from one date to another, forwards or backwards. */
function __days(from, to) {
  const days = [], step = { days: cmp(from, to) > 0 ? -1 : 1 };
  for (let day = from.value, left = Math.abs(from.value.until(to.value).days); left >= 0; left--, day = day.add(step)) days.push(new FeelDate(day));
  return days;
}

/** What `for` may run over; a range written with brackets only forwards. */
function __isCountable(span, isBackwardsToo) {
  if (!isRange(span)) return true;
  if (span.start === null || span.end === null || typeof span.start !== 'number') return false;
  return isBackwardsToo || span.start <= span.end;
}

const __vagueRanges = new WeakSet();
/** A range of which an end was given as null; those of comparisons (`< 3`) are open on purpose. */
function __vague(range, isVague) {
  if (isVague) __vagueRanges.add(range);
  return range;
}
const __isVague = test => isRange(test) && __vagueRanges.has(test);

/** Names with dots and nothing else: no call, no `?`. */
const __isPath = text => /^[\p{L}_][\p{L}\p{N}_ ]*(\.[\p{L}_][\p{L}\p{N}_ ]*)*$/u.test(text.trim());
