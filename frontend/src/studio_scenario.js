import { begin } from './studio/session.js';
import { makeScenario } from './editors/scenario.js';

begin(makeScenario);
