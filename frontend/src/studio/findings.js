// Owns the list of what the server found in the change set: in this file with a jump to the place, in others with a link.
import { element, say } from './texts.js';
import { post } from './server.js';

export class Findings {
  constructor(session) {
    this.session = session;
    this.panel = session.root.querySelector('[data-findings-panel]');
    this.drafts = JSON.parse(session.facts.drafts);
  }

  async check() {
    const count = this.panel.querySelector('[data-findings-count]');
    count.textContent = say('checking');
    const number = (this.number = (this.number ?? 0) + 1);
    const answer = await post(this.session.facts.check, {}, this.session.about);
    if (number !== this.number) return; // a later check is on its way
    if (answer.outcome !== 'ok') {
      count.textContent = say('check_failed');
      return;
    }
    count.textContent = summary(answer.findings);
    const here = answer.findings.filter((one) => this.isHere(one));
    this.mine = here;
    listFindings(this.panel, answer.findings, (one) => this.place(one));
    if (!this.session.root.hasAttribute('data-failed')) this.session.editor.show(here);
    this.panel.setAttribute('data-checked', String(this.session.version ?? ''));
    this.followAddress();
  }

  isHere(one) {
    return one.file === this.session.facts.file || one.file === this.session.facts.file.split('/').pop();
  }

  place(one) {
    const words = placeOf(one);
    if (this.isHere(one)) return element('button', { type: 'button', onclick: () => this.session.editor.goTo(one) }, words);
    return linkOrWords(one, words, this.drafts, this.session.facts.draftAddress);
  }

  // …#element=x&line=3 from the list of the change set, once.
  followAddress() {
    const wanted = new URLSearchParams(window.location.hash.slice(1));
    if (!wanted.get('element') && !wanted.get('line')) return;
    history.replaceState(null, '', window.location.pathname + window.location.search);
    this.session.editor.goTo({ element: wanted.get('element') || null, line: Number(wanted.get('line')) || null });
  }
}

export function summary(findings) {
  const errors = findings.filter((one) => one.severity === 'error').length;
  return say('checked', { errors, warnings: findings.length - errors });
}

export const placeOf = (one) => `${one.file}${one.line ? `:${one.line}` : ''}${one.element ? ` · ${one.name || one.element}` : ''}`;

export function linkOrWords(one, words, drafts, address) {
  const draft = drafts[one.file] ?? drafts[Object.keys(drafts).find((file) => file.endsWith(`/${one.file}`))];
  if (!draft) return element('span', {}, words);
  const href = `${address.replace(/0$/, draft)}#element=${encodeURIComponent(one.element ?? '')}&line=${one.line ?? ''}`;
  return element('a', { href }, words);
}

export function listFindings(panel, findings, place) {
  const box = panel.querySelector('[data-findings]');
  box.hidden = false;
  box.querySelector('[data-findings-none]').hidden = findings.length > 0;
  box.querySelector('[data-findings-list]').replaceChildren(...findings.map((one) => element('li', { class: `finding finding-${one.severity}`, 'data-code': one.code },
    element('span', { class: 'tag' }, say(one.severity)), ' ', place(one), element('p', {}, one.message), element('p', { class: 'muted' }, one.remedy))));
}
