// The door of the bundle form.js. form-js answers in a promise, so the host starts a check, runs the jobs, and takes the answer.

// First of all: form-js looks for a browser while it loads.
import './dom.js';
import { Settings } from 'luxon';
import { addZone, setLocalZone } from './intl.js';
import { installClock, setMoment } from './moment.js';
import { checkForm, fieldTypes } from './form_check.js';
import { setLanguage } from './form_messages.js';
import { hardenRealm } from './harden.js';

let answer = null;

globalThis.FORM = Object.freeze({
  configure(zone, zoneJson) {
    const { transitions, offsets } = JSON.parse(zoneJson);
    addZone(zone, transitions, offsets);
    setLocalZone(zone);
    Settings.defaultZone = zone;
  },
  start(schema, variables, posted, now, language) {
    answer = null;
    setMoment(now);
    setLanguage(language);
    const failed = (error) => { answer = JSON.stringify({ failure: String((error && error.message) || error) }); };
    try {
      checkForm(JSON.parse(schema), JSON.parse(variables), JSON.parse(posted)).then((outcome) => { answer = JSON.stringify(outcome); }).catch(failed);
    } catch (error) { failed(error); }
  },
  take: () => answer,
  types: () => JSON.stringify(fieldTypes()),
});

installClock();
hardenRealm(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'console', 'navigator']);
