// Owns the small behaviours of the studio's lists: filtering files, checking a change set.
import { linkOrWords, listFindings, placeOf, summary } from './studio/findings.js';
import { post } from './studio/server.js';
import { say } from './studio/texts.js';

for (const field of document.querySelectorAll('[data-filter]')) {
  const rows = [...document.querySelectorAll(`${field.dataset.filter} tbody tr`)];
  const empty = document.querySelector('[data-filter-empty]');
  field.addEventListener('input', () => {
    const wanted = field.value.trim().toLowerCase().split(/\s+/);
    for (const row of rows) row.hidden = !wanted.every((word) => row.textContent.toLowerCase().includes(word));
    empty.hidden = rows.some((row) => !row.hidden);
  });
}

for (const button of document.querySelectorAll('button[data-check]')) {
  const panel = button.closest('section');
  const state = panel.querySelector('[data-check-state]');
  button.addEventListener('click', async () => {
    button.disabled = true;
    state.textContent = say('checking');
    const answer = await post(button.dataset.check, {}, {});
    button.disabled = false;
    if (answer.outcome !== 'ok') {
      state.textContent = say('check_failed');
      return;
    }
    state.textContent = summary(answer.findings);
    listFindings(panel, answer.findings, (one) => linkOrWords(one, placeOf(one), JSON.parse(button.dataset.drafts), button.dataset.draftAddress));
  });
}
