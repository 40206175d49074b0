import { begin } from './studio/session.js';
import { makeTable } from './editors/table.js';

begin(makeTable);
