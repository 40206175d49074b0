// Owns the words that scripts of the studio say: they stand in the page, in the reader's language.
const source = document.getElementById('studio-texts');
const texts = source ? JSON.parse(source.textContent) : {};

export function say(name, facts = {}) {
  if (!(name in texts)) throw new Error(`Expected a text called ${name} on the page but there is none.`);
  return texts[name].replace(/\{(\w+)\}/g, (whole, key) => (key in facts ? facts[key] : whole));
}

// A small builder, so that nothing typed by anybody is ever read as markup.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const button = (words, onclick, look = 'btn btn-sm btn-outline-primary') => element('button', { type: 'button', class: look, onclick }, words);
