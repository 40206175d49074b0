// Owns the little of a browser that form-js and its widgets touch while loading. Nothing is ever drawn.

import './intl.js';

class Nothing {
  constructor() { this.style = {}; this.childNodes = []; this.dataset = {}; this.classList = { add() {}, remove() {}, contains: () => false }; }
  setAttribute() {}
  getAttribute() { return null; }
  removeAttribute() {}
  appendChild(child) { return child; }
  removeChild(child) { return child; }
  insertBefore(child) { return child; }
  addEventListener() {}
  removeEventListener() {}
  querySelector() { return null; }
  querySelectorAll() { return []; }
  cloneNode() { return new Nothing(); }
}

const documentStub = Object.assign(new Nothing(), {
  nodeType: 9,
  createElement: () => new Nothing(), createElementNS: () => new Nothing(), createTextNode: () => new Nothing(),
  createDocumentFragment: () => new Nothing(), createComment: () => new Nothing(),
  implementation: { createHTMLDocument: () => documentStub },
  documentElement: new Nothing(), body: new Nothing(), head: new Nothing(),
});

const later = () => 0;
Object.assign(globalThis, {
  window: globalThis, self: globalThis, document: documentStub, navigator: { userAgent: '', platform: '', language: 'zh-CN' },
  Node: Nothing, Element: Nothing, HTMLElement: Nothing, HTMLCollection: Array, NodeList: Array, DocumentFragment: Nothing, DOMParser: Nothing, Event: Nothing, KeyboardEvent: Nothing,
  setTimeout: later, clearTimeout: later, setInterval: later, clearInterval: later, requestAnimationFrame: later,
  addEventListener() {}, removeEventListener() {},
});
globalThis.console = { log() {}, warn() {}, error() {}, info() {}, debug() {} };
