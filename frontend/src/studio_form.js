import { begin } from './studio/session.js';
import { makeForm } from './editors/form.js';

begin(makeForm);
