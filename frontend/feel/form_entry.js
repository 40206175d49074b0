// The door of the bundle form.js. form-js imports in a promise, so the host starts, runs the jobs, and takes the answer. What an author
// or a citizen can make long (conditions, patterns, many rows) runs in `take`, where every JavaScript engine keeps its time limit.

// First of all: form-js looks for a browser while it loads.
import './dom.js';
import { Settings } from 'luxon';
import { addZone, setLocalZone } from './intl.js';
import { installClock, setMoment } from './moment.js';
import { fieldTypes, importForm } from './form_check.js';
import { setLanguage } from './form_messages.js';
import { hardenRealm } from './harden.js';

let form = null;
let failure = null;

globalThis.FORM = Object.freeze({
  configure(zone, zoneJson) {
    const { transitions, offsets } = JSON.parse(zoneJson);
    addZone(zone, transitions, offsets);
    setLocalZone(zone);
    Settings.defaultZone = zone;
  },
  start(schema, variables, posted, now, language) {
    form = failure = null;
    setMoment(now);
    setLanguage(language);
    const failed = (error) => { failure = String((error && error.message) || error); };
    try {
      importForm(JSON.parse(schema), JSON.parse(variables), JSON.parse(posted)).then((imported) => { form = imported; }).catch(failed);
    } catch (error) { failed(error); }
  },
  take() {
    if (!form) return JSON.stringify({ failure: failure || 'no answer' });
    try { return JSON.stringify(form.outcome()); } catch (error) { return JSON.stringify({ failure: String((error && error.message) || error) }); }
  },
  types: () => JSON.stringify(fieldTypes()),
});

installClock();
hardenRealm(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'console', 'navigator']);
