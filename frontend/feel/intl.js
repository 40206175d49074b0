// Owns the part of Intl that Temporal and luxon ask for. QuickJS has no Intl and knows no time zones: the host feeds them in.
// A zone is [id, transitions in epoch milliseconds, offsets in seconds (one more than transitions)].

const zones = Object.create(null);
for (const name of ['UTC', 'ETC/UTC', 'GMT', 'ETC/GMT']) zones[name] = ['UTC', [], [0]];
const settings = { local: 'UTC' };

export function addZone(id, transitions, offsets) { zones[id.toUpperCase()] = [id, transitions, offsets]; }
export function setLocalZone(id) { settings.local = id; }

function offsetAt([, transitions, offsets], moment) {
  let low = 0, high = transitions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (transitions[middle] <= moment) low = middle + 1; else high = middle;
  }
  return offsets[low];
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const two = (n) => (n < 10 ? '0' + n : String(n));

class DateTimeFormat {
  constructor(locale, options) {
    const name = String((options && options.timeZone) || settings.local);
    this.zone = zones[name.toUpperCase()];
    if (!this.zone) throw new RangeError('Invalid time zone specified: ' + name);
  }

  resolvedOptions() {
    return { locale: 'en-US', timeZone: this.zone[0], calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' };
  }

  formatToParts(date) {
    const moment = date === undefined ? Date.now() : +date;
    const wall = new Date(moment + offsetAt(this.zone, moment) * 1000);
    const year = wall.getUTCFullYear();
    return [
      ['weekday', DAYS[wall.getUTCDay()]],
      ['month', two(wall.getUTCMonth() + 1)], ['literal', '/'], ['day', two(wall.getUTCDate())], ['literal', '/'],
      ['year', String(year > 0 ? year : 1 - year)], ['literal', ' '], ['era', year > 0 ? 'AD' : 'BC'], ['literal', ', '],
      ['hour', two(wall.getUTCHours())], ['literal', ':'], ['minute', two(wall.getUTCMinutes())], ['literal', ':'],
      ['second', two(wall.getUTCSeconds())], ['timeZoneName', this.zone[0]],
    ].map(([type, value]) => ({ type, value }));
  }

  format(date) {
    const p = {};
    for (const { type, value } of this.formatToParts(date)) if (type !== 'literal') p[type] = value;
    return `${p.month}/${p.day}/${p.year} ${p.era}, ${p.hour}:${p.minute}:${p.second}`;
  }
}

class PlainFormat {
  format(value) { return String(value); }
  resolvedOptions() { return { locale: 'en-US', numberingSystem: 'latn' }; }
}

// Also where the engine has an Intl of its own: what a zone is must not depend on the machine.
globalThis.Intl = {
  DateTimeFormat, NumberFormat: PlainFormat, ListFormat: PlainFormat,
  getCanonicalLocales: (locales) => [locales], supportedValuesOf: () => [],
};
