import { begin } from './studio/session.js';
import { makeBpmn } from './editors/bpmn.js';

begin(makeBpmn);
