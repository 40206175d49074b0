// Owns the replacement of texts in packages that ask no dictionary (src/editors/literals_zh.json). An entry that matches nothing
// any more fails the build: then a package changed its words, and somebody has to look.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// One word could be a name in the program: it must stand where a text stands. Several words cannot.
const BEFORE_A_TEXT = String.raw`((?:\b(?:label|title|description|text|children|placeholder|tooltip|name|'aria-label'|"aria-label")\s*[:=]\s*|\bpush\(|\breturn |\? |['"\w]\)? : |\|\| ))`;

export function literalTexts() {
  const texts = JSON.parse(fs.readFileSync(path.join(here, 'src/editors/literals_zh.json'), 'utf8'));
  const unused = new Set(Object.entries(texts).flatMap(([name, pairs]) => Object.keys(pairs).map((text) => `${name}: ${text}`)));

  function replaced(source, name) {
    for (const [text, chinese] of Object.entries(texts[name])) {
      const used = (before, quote) => {
        unused.delete(`${name}: ${text}`);
        return before + quote + chinese + quote;
      };
      if (text.startsWith('raw:')) source = source.replaceAll(text.slice(4), () => used('', ''));
      else source = source.replace(new RegExp(`${text.includes(' ') ? '()' : BEFORE_A_TEXT}(['"\`])${escaped(text)}\\2`, 'g'), (_, before = '', quote) => used(before, quote));
    }
    return source;
  }

  const plugin = {
    name: 'literal-texts',
    setup(build) {
      for (const name of Object.keys(texts)) {
        build.onLoad({ filter: new RegExp(`${name}/(dist|lib)/.*\\.js$`) }, async ({ path: file }) => ({ contents: replaced(await fs.promises.readFile(file, 'utf8'), name), loader: 'js' }));
      }
    },
  };
  const requireAllUsed = () => {
    if (unused.size) throw new Error(`Expected each text of literals_zh.json in its package but these are in none:\n  ${[...unused].join('\n  ')}`);
  };
  return { plugin, requireAllUsed };
}
