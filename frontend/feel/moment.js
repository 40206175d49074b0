// Owns the clock of the realm: the host sets it before a call. Without it, asking for the time is an error.

const RealDate = globalThis.Date;
let moment = null;

export function setMoment(iso) { moment = iso === null ? null : RealDate.parse(iso); }

function hostMoment() {
  if (moment === null) throw new Error('NOW_NOT_GIVEN');
  return moment;
}

class HostDate extends RealDate {
  constructor(...args) { if (args.length) super(...args); else super(hostMoment()); }
  static now() { return hostMoment(); }
}

export function installClock() { globalThis.Date = HostDate; }
