// Owns the copy of typed text in this tab, so that an expired session or a lost connection costs nobody a word.
// The copy is bound to the account and the page, and is gone after a successful submit or a log-out.

const PREFIX = 'doudi:typed:';
const NEVER = new Set(['csrf_token', 'version', 'old', 'password', 'again']);

export function keepTypedText() {
  if (document.querySelector('[data-forget-typed]')) forgetAll();
  const done = document.querySelector('[data-forget]');
  if (done) sessionStorage.removeItem(PREFIX + done.dataset.forget);
  for (const form of document.querySelectorAll('form[data-keep]')) {
    restore(form);
    form.addEventListener('input', () => store(form));
    form.addEventListener('change', () => store(form));
  }
}

function forgetAll() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}

function store(form) {
  const entries = [...new FormData(form)].filter(([name, value]) => !NEVER.has(name) && typeof value === 'string');
  sessionStorage.setItem(PREFIX + form.dataset.keep, JSON.stringify(entries));
}

function restore(form) {
  const kept = sessionStorage.getItem(PREFIX + form.dataset.keep);
  if (!kept || form.hasAttribute('data-entered')) return;
  const entries = JSON.parse(kept);
  if (JSON.stringify(entries) === JSON.stringify([...new FormData(form)].filter(([name]) => !NEVER.has(name)))) return;
  for (const control of form.elements) {
    if (!control.name || NEVER.has(control.name) || control.type === 'hidden') continue;
    const values = entries.filter(([name]) => name === control.name).map(([, value]) => value);
    if (control.type === 'checkbox' || control.type === 'radio') control.checked = values.includes(control.value);
    else if (values.length) control.value = values[0];
  }
  const notice = form.querySelector('[data-restored]');
  if (notice) notice.hidden = false;
  form.dispatchEvent(new CustomEvent('doudi:restored'));
}
