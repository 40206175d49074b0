// Owns one draft open in one tab: opens it, saves it by itself, keeps what cannot be saved, and never overwrites anybody.
import { button, element, say } from './texts.js';
import { get, post } from './server.js';
import { Kept } from './kept.js';
import { showConflict } from './conflict.js';
import { Findings } from './findings.js';

const KEEP_AFTER = 400; // ms after the last change: a copy in this browser
const SAVE_AFTER = 1500; // ms after the last change: to the server …
const SAVE_APART = 8000; // … but not more often than this, so that the history stays readable
const TRY_AGAIN = [4000, 10000, 30000];

export async function begin(makeEditor) {
  const session = new Session(document.querySelector('[data-draft]'));
  await session.start(makeEditor);
  return session;
}

class Session {
  constructor(root) {
    this.root = root;
    this.facts = root.dataset;
    this.isReadOnly = root.hasAttribute('data-read-only');
    this.kept = new Kept(this.facts.account, this.facts.draft);
    this.about = { tokenAddress: this.facts.token, account: this.facts.account };
    this.changes = 0; // counted, so that a save knows whether something was typed meanwhile
    this.savedChanges = 0;
    this.lastSave = 0;
    this.failures = 0;
    this.isConflicting = false;
  }

  async start(makeEditor) {
    const found = await get(this.facts.content + (this.facts.revision ? `?revision=${this.facts.revision}` : ''));
    if (found.outcome !== 'ok') return this.tell('failed', { message: found.message || '' });
    const part = (name) => this.root.querySelector(`[data-${name}]`);
    this.editor = await makeEditor({
      root: this.root, canvas: part('canvas'), properties: part('properties'), views: part('views'), kind: this.facts.kind, file: this.facts.file,
      isReadOnly: this.isReadOnly, facts: this.facts, changed: () => this.changed(), notify: (...parts) => this.notify(...parts),
    });
    this.findings = new Findings(this);
    try {
      await this.take(found.content, found.version);
    } catch (error) {
      this.root.setAttribute('data-failed', '');
      this.tell('failed', { message: error.message });
      this.findings.check();
      return;
    }
    this.tell(this.isReadOnly ? 'read_only' : 'saved', { version: this.version });
    this.listen();
    if (!this.isReadOnly) this.offerLeftBehind();
    this.root.setAttribute('data-ready', '');
    this.findings.check();
  }

  async take(text, version) {
    this.isOpening = true;
    try {
      await this.editor.open(text);
    } finally {
      this.isOpening = false;
    }
    this.version = version;
    this.savedText = text;
    this.savedChanges = this.changes;
  }

  get isDirty() {
    return this.changes !== this.savedChanges;
  }

  changed() {
    if (this.isOpening || this.isReadOnly) return;
    this.changes += 1;
    if (!this.isConflicting) this.tell('changed');
    clearTimeout(this.keepTimer);
    this.keepTimer = setTimeout(() => this.keepCopy(), KEEP_AFTER);
    this.saveSoon();
  }

  saveSoon(wait = Math.max(SAVE_AFTER, this.lastSave + SAVE_APART - Date.now())) {
    clearTimeout(this.saveTimer);
    if (!this.isConflicting) this.saveTimer = setTimeout(() => this.save(), wait);
  }

  async keepCopy() {
    if (!this.isDirty) return;
    this.isKept = this.kept.keep(this.version, await this.editor.read());
  }

  async save() {
    clearTimeout(this.saveTimer);
    if (this.isReadOnly || this.isConflicting || !this.isDirty) return;
    if (this.saving) return this.saveSoon(500);
    this.saving = this.saveNow();
    await this.saving;
    this.saving = null;
    if (this.isDirty && !this.isConflicting && this.failures === 0) this.saveSoon();
  }

  async saveNow(version = this.version) {
    const counted = this.changes;
    const text = await this.editor.read();
    this.isKept = this.kept.keep(this.version, text);
    if (text === this.savedText && version === this.version) return this.saved(counted, text, version);
    this.tell('saving');
    const answer = await post(this.facts.content, { content: text, version, note: '' }, this.about);
    if (answer.outcome === 'ok') return this.saved(counted, text, answer.version);
    if (answer.outcome === 'conflict') return this.conflict(text, answer);
    this.notSaved(answer);
  }

  saved(counted, text, version) {
    const isNew = version !== this.version;
    this.kept.forget(this.version);
    Object.assign(this, { version, savedText: text, savedChanges: counted, failures: 0, lastSave: Date.now() });
    if (this.isDirty) this.keepCopy();
    else this.tell('saved', { version });
    if (isNew) this.findings.check();
  }

  notSaved({ outcome, message }) {
    this.failures += 1;
    const more = outcome === 'expired' || outcome === 'other_account'
      ? [element('a', { href: this.facts.logIn, target: '_blank', rel: 'noopener' }, say('log_in')), button(say('try_again'), () => this.save(), 'btn btn-sm btn-outline-secondary')] : [];
    if (outcome === 'refused') more.push(button(say('try_again'), () => this.save(), 'btn btn-sm btn-outline-secondary'));
    this.tell(this.isKept ? outcome : 'not_kept', { message }, outcome, more);
    if (outcome === 'offline') this.saveSoon(TRY_AGAIN[Math.min(this.failures, TRY_AGAIN.length) - 1]);
  }

  conflict(mine, answer) {
    this.isConflicting = true;
    this.tell('conflict');
    showConflict(this, mine, answer);
  }

  async takeMine(theirsVersion) {
    this.isConflicting = false;
    this.kept.forget(this.version);
    this.version = theirsVersion;
    await this.saveNow(theirsVersion);
  }

  async takeTheirs(theirs, version) {
    this.isConflicting = false;
    this.kept.forget(this.version);
    await this.take(theirs, version);
    this.tell('saved', { version });
    this.findings.check();
  }

  offerLeftBehind() {
    const [newest] = this.kept.leftBehind(this.savedText);
    if (!newest) return;
    const at = new Date(newest.at).toLocaleString(document.documentElement.lang);
    const offer = this.notify(say('restore_offer', { at }),
      button(say('restore'), async () => {
        offer.remove();
        await this.restore(newest);
      }),
      button(say('discard'), () => { offer.remove(); this.kept.drop(newest); }, 'btn btn-sm btn-outline-secondary'));
  }

  async restore(copy) {
    this.isOpening = true;
    try {
      await this.editor.open(copy.text);
    } finally {
      this.isOpening = false;
    }
    this.version = copy.version;
    this.changes += 1;
    await this.keepCopy();
    this.kept.drop(copy);
    this.tell('restored', {}, 'changed');
    await this.save();
  }

  // Somebody else's newer version is offered as soon as one comes back to this tab and has typed nothing.
  async lookForNewer() {
    if (this.isDirty || this.isConflicting || this.isReadOnly || this.saving) return;
    const found = await get(this.facts.content);
    if (found.outcome !== 'ok' || found.version <= this.version || this.isDirty) return;
    this.newer?.remove();
    this.newer = this.notify(say('newer', { by: found.by, version: found.version }), button(say('load_newer'), async () => {
      this.newer.remove();
      await this.take(found.content, found.version);
      this.tell('saved', { version: this.version });
      this.findings.check();
    }));
  }

  listen() {
    const tools = {
      undo: () => this.editor.undo(), redo: () => this.editor.redo(), save: () => this.save(), check: () => this.findings.check(), ...this.editor.tools,
    };
    for (const tool of this.root.querySelectorAll('[data-tool]')) {
      const act = tools[tool.dataset.tool];
      if (act) tool.addEventListener('click', () => act(tool));
      else tool.hidden = true;
    }
    document.addEventListener('keydown', (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      this.save();
    });
    window.addEventListener('blur', () => this.save());
    document.addEventListener('visibilitychange', () => (document.hidden ? this.save() : this.comeBack()));
    window.addEventListener('focus', () => this.comeBack());
    window.addEventListener('online', () => this.save());
    window.addEventListener('hashchange', () => this.findings.followAddress());
    window.addEventListener('beforeunload', (event) => { if (this.isDirty && !this.isKept) event.preventDefault(); });
  }

  comeBack() {
    if (this.isDirty) this.save();
    else this.lookForNewer();
  }

  tell(name, facts = {}, state = name, more = []) {
    const place = this.root.querySelector('.studio-state');
    place.dataset.state = state;
    place.replaceChildren(say(name, facts), ...more);
  }

  notify(text, ...more) {
    const notice = element('div', { class: 'notice notice-info' }, element('span', {}, text), ...more);
    this.root.querySelector('[data-notices]').append(notice);
    return notice;
  }
}
