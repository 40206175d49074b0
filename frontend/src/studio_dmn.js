import { begin } from './studio/session.js';
import { makeDmn } from './editors/dmn.js';

begin(makeDmn);
