// Owns the moment of sending a form: once, and not while its draft is being saved (the draft changes the version that the form sends).

const SETTLED = 50; // the answer to a draft brings the new version a moment after it has arrived

export function sendOnce() {
  for (const form of document.querySelectorAll('form[data-keep]')) form.addEventListener('submit', (event) => hold(event, form));
  window.addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach((form) => form.removeAttribute('data-sent')));
}

function hold(event, form) {
  if (form.hasAttribute('data-sent')) return event.preventDefault();
  const draft = form.querySelector('.draft.htmx-request');
  if (!draft) return form.setAttribute('data-sent', '');
  event.preventDefault();
  draft.addEventListener('htmx:afterRequest', () => setTimeout(() => form.requestSubmit(event.submitter), SETTLED), { once: true });
}
