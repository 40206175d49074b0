// Owns the copy of unsaved work in this browser: one a draft and version, until the server has it.
// Drafts hold procedures, no personal data: they may outlive the tab.
const PREFIX = 'doudi:draft:';

export class Kept {
  constructor(account, draft) {
    this.prefix = `${PREFIX}${account}:${draft}:`;
  }

  // False when the browser has no room for it.
  keep(version, text) {
    try {
      localStorage.setItem(`${this.prefix}${version}`, JSON.stringify({ version, text, at: new Date().toISOString() }));
      return true;
    } catch {
      return false;
    }
  }

  forget(version) {
    localStorage.removeItem(`${this.prefix}${version}`);
  }

  // What an earlier visit left behind, newest first. It is set aside, so that typing on cannot overwrite it.
  leftBehind(savedText) {
    const found = this.keys().map((key) => ({ key, ...this.read(key) })).filter((one) => typeof one.text === 'string');
    for (const one of found.filter((copy) => copy.text === savedText)) localStorage.removeItem(one.key);
    const others = found.filter((one) => one.text !== savedText).sort((one, other) => (one.at < other.at ? 1 : -1));
    return others.map((one) => this.setAside(one));
  }

  setAside(one) {
    if (one.key.includes(':aside:')) return one;
    const key = `${this.prefix}aside:${one.version}:${one.at}`;
    localStorage.setItem(key, localStorage.getItem(one.key));
    localStorage.removeItem(one.key);
    return { ...one, key };
  }

  drop(one) {
    localStorage.removeItem(one.key);
  }

  keys() {
    return Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
  }

  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return {};
    }
  }
}
