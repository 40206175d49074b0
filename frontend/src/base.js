// Owns what every page loads: Bootstrap's look, htmx, and the small behaviours of forms. Every page works without it.
import 'bootstrap/dist/css/bootstrap.min.css';
import htmx from 'htmx.org';
import { keepTypedText } from './typed_text.js';
import { followConditions } from './conditions.js';
import { askBeforeLeaving } from './leaving.js';

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.attributesToSettle = ['class', 'width', 'height']; // not “style”: the policy refuses it
htmx.config.historyCacheSize = 0; // pages hold personal data: none of it stays in local storage

document.addEventListener('htmx:configRequest', (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers['X-CSRFToken'] = token.content;
});

// A refusal is a page that says what to do: show it as a page instead of dropping it.
document.addEventListener('htmx:beforeSwap', (event) => {
  if (event.detail.xhr.status < 400) return;
  if (event.detail.elt.hasAttribute('data-quiet')) event.detail.shouldSwap = false;
  else {
    event.detail.shouldSwap = true;
    event.detail.target = document.body;
    event.detail.swapOverride = 'innerHTML';
  }
});

document.addEventListener('change', (event) => {
  if (event.target.matches('[data-submit-on-change]')) event.target.form.requestSubmit();
});

function prepare() {
  for (const button of document.querySelectorAll('[data-print]')) button.addEventListener('click', () => window.print());
  const summary = document.querySelector('[data-focus]');
  if (summary) summary.focus();
  keepTypedText();
  followConditions();
  askBeforeLeaving();
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', prepare);
else prepare();
