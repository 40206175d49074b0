// Owns what every page loads: Bootstrap's look, htmx, and the small behaviours of forms. Every page works without it.
import 'bootstrap/dist/css/bootstrap.min.css';
import htmx from 'htmx.org';
import { keepTypedText } from './typed_text.js';
import { followConditions } from './conditions.js';
import { askBeforeLeaving } from './leaving.js';
import { sendOnce } from './submitting.js';

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.attributesToSettle = ['class', 'width', 'height']; // not “style”: the policy refuses it
htmx.config.refreshOnHistoryMiss = true;
htmx.config.historyCacheSize = 0; // pages hold personal data: none of it stays in local storage

document.addEventListener('htmx:configRequest', (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers['X-CSRFToken'] = token.content;
});

// A refusal is a page that says what to do: show all of it instead of dropping it or taking a part out of it.
document.addEventListener('htmx:beforeSwap', (event) => {
  const { detail } = event;
  if (detail.xhr.status < 400) return;
  if (detail.elt.hasAttribute('data-quiet')) {
    detail.shouldSwap = false;
    if (detail.xhr.status === 401) detail.elt.textContent = detail.elt.dataset.expired;
  } else if (detail.xhr.status === 401) {
    window.location.reload(); // asks for the log-in and comes back here
  } else {
    Object.assign(detail, { shouldSwap: true, target: document.body, swapOverride: 'innerHTML', selectOverride: 'unset' });
  }
});

// Menus close when work goes on elsewhere.
document.addEventListener('click', (event) => closeMenus((menu) => !menu.contains(event.target)));
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const open = document.activeElement.closest('details.menu[open]');
  closeMenus(() => true);
  if (open) open.querySelector('summary').focus();
});

function closeMenus(isMeant) {
  for (const menu of document.querySelectorAll('details.menu[open]')) if (isMeant(menu)) menu.open = false;
}

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
  sendOnce();
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', prepare);
else prepare();
