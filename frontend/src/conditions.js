// Owns showing and hiding fields while a person types. The server decides which are hidden; nothing is evaluated here.

const PAUSE = 250;

export function followConditions() {
  for (const form of document.querySelectorAll('form[data-conditions]')) follow(form);
}

function follow(form) {
  const watched = new Set(JSON.parse(form.dataset.watched || '[]'));
  let timer;
  let latest = 0;
  const ask = async () => {
    const asked = ++latest;
    const answer = await fetch(form.dataset.conditions, { method: 'POST', body: new FormData(form), headers: { Accept: 'application/json' } });
    if (answer.ok && asked === latest) show(form, new Set((await answer.json()).hidden));
  };
  const later = (event) => {
    if (!watched.has(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => ask().catch(() => {}), PAUSE);
  };
  form.addEventListener('input', later);
  form.addEventListener('change', later);
  form.addEventListener('doudi:restored', () => ask().catch(() => {}));
}

function show(form, hidden) {
  for (const field of form.querySelectorAll('[data-field]')) field.hidden = hidden.has(field.dataset.field);
}
