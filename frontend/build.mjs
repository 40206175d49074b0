// Owns what Node makes or fetches: the browser bundle in webapp/static/vendor, the fonts of printed documents, and the engine's FEEL
// bundles when their sources are there.
// Started by build.py; writes to a side folder first so that a failed build leaves the old files in place.
import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { literalTexts } from './literals.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, 'node_modules');
const vendor = path.join(here, '../webapp/static/vendor');
const bundles = path.join(here, '../engine/feel/bundles');
const fonts = path.join(here, '../engine/services/fonts');

const ICONS = [
  'inbox', 'folder2-open', 'plus-lg', 'search', 'check-lg', 'x-lg', 'clock', 'exclamation-triangle', 'exclamation-octagon', 'check-circle',
  'dash-circle', 'person', 'people', 'diagram-3', 'download', 'arrow-left', 'arrow-right', 'arrow-counterclockwise', 'bell', 'key',
  'box-arrow-right', 'box-arrow-up', 'pencil-square', 'upload', 'arrow-clockwise', 'translate', 'list', 'link-45deg', 'envelope-paper', 'info-circle', 'zoom-in', 'zoom-out', 'fullscreen', 'star-fill', 'star', 'printer',
  'three-dots', 'journal-text', 'paperclip', 'file-earmark-text', 'calendar-event', 'send', 'shield-check', 'graph-up',
];

async function intoPlace(target, make) {
  const side = `${target}.${process.pid}.new`;
  fs.rmSync(side, { recursive: true, force: true });
  fs.mkdirSync(side, { recursive: true });
  try {
    await make(side);
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(side, target);
  } finally {
    fs.rmSync(side, { recursive: true, force: true });
  }
}

const PAGES = ['base', 'viewer', 'compare', 'migrate', 'live', 'studio', 'trials', 'trial_chart'];
const EDITORS = ['studio_bpmn', 'studio_dmn', 'studio_form', 'studio_table', 'studio_text', 'studio_scenario'];
const LANGUAGES = ['zh', 'en'];

const bundle = (names, outdir, more = {}) => build({
  absWorkingDir: here, entryPoints: names.map((name) => `src/${name}.js`), outdir,
  bundle: true, splitting: true, format: 'esm', target: ['es2022'], minify: true, legalComments: 'none', metafile: true,
  chunkNames: 'chunk-[hash]', assetNames: 'asset-[name]-[hash]', logLevel: 'warning',
  loader: { '.woff2': 'file', '.woff': 'file', '.ttf': 'file', '.eot': 'file', '.svg': 'file', '.png': 'file' },
  ...more,
  define: { 'process.env.NODE_ENV': '"production"', ...more.define },
});

async function buildBrowser(out) {
  const pages = await bundle(PAGES, out);
  const editors = await Promise.all(LANGUAGES.map((language) => buildEditors(path.join(out, language), language)));
  const inputs = [pages, ...editors].flatMap((result) => Object.keys(result.metafile.inputs));
  fs.copyFileSync(path.join(modules, 'axe-core/axe.min.js'), path.join(out, 'axe.min.js'));
  fs.copyFileSync(path.join(modules, 'axe-core/locales/zh_CN.json'), path.join(out, 'axe.zh_CN.json'));
  fs.writeFileSync(path.join(out, 'icons.svg'), sprite());
  fs.writeFileSync(path.join(out, 'THIRD_PARTY_LICENSES.txt'), licences(inputs));
}

// Some packages write English into their pages and ask no dictionary: their texts are replaced while they are bundled.
async function buildEditors(out, language) {
  const literals = language === 'zh' ? literalTexts() : null;
  const result = await bundle(EDITORS, out, { define: { LANG: JSON.stringify(language) }, plugins: literals ? [literals.plugin] : [] });
  literals?.requireAllUsed();
  return result;
}

function sprite() {
  const symbols = ICONS.map((name) => fs.readFileSync(path.join(modules, 'bootstrap-icons/icons', `${name}.svg`), 'utf8')
    .replace(/<svg[^>]*viewBox="([^"]*)"[^>]*>/, `<symbol id="${name}" viewBox="$1">`).replace('</svg>', '</symbol>').replace(/\s*\n\s*/g, ''));
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
}

function licences(inputs) {
  const packages = new Set(['axe-core', 'bootstrap-icons']);
  for (const file of inputs) {
    const match = file.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (match) packages.add(match[0].replace(/^.*?node_modules\//, '').replace(/\/$/, ''));
  }
  return [...packages].sort().map(licence).join('\n\n');
}

function licence(name) {
  const folder = path.join(modules, name);
  const about = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `==== ${about.name} ${about.version} (${about.license})\n${file ? fs.readFileSync(path.join(folder, file), 'utf8').trim() : ''}`;
}

/** Noto Serif SC (SIL Open Font License): 30,928 signs, those of rare names among them. */
function copyFonts(out) {
  const source = path.join(modules, '@expo-google-fonts/noto-serif-sc');
  fs.copyFileSync(path.join(source, '400Regular/NotoSerifSC_400Regular.ttf'), path.join(out, 'NotoSerifSC-Regular.ttf'));
  fs.copyFileSync(path.join(source, '700Bold/NotoSerifSC_700Bold.ttf'), path.join(out, 'NotoSerifSC-Bold.ttf'));
  fs.copyFileSync(path.join(source, 'LICENSE_FONT'), path.join(out, 'LICENSE'));
}

await intoPlace(vendor, buildBrowser);
await intoPlace(fonts, copyFonts);
const feel = path.join(here, 'feel/build.mjs');
if (fs.existsSync(feel)) {
  const { buildFeel } = await import(feel);
  await intoPlace(bundles, (out) => buildFeel(out, modules));
}
