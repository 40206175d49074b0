// Owns the question before a page with unsaved, typed text is left. A page that saves drafts asks nothing.

export function askBeforeLeaving() {
  for (const form of document.querySelectorAll('form[data-ask-before-leaving]')) {
    let isDirty = form.hasAttribute('data-entered');
    form.addEventListener('input', () => { isDirty = true; });
    form.addEventListener('submit', () => { isDirty = false; });
    window.addEventListener('beforeunload', (event) => { if (isDirty) event.preventDefault(); });
  }
}
