import { begin } from './studio/session.js';
import { makeText } from './editors/text.js';

begin(makeText);
