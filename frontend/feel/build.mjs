// Builds the bundles that the server runs in QuickJS: feel.js (feelin with our patches, DMN) and form.js (form-js without pages).
// Alone: node frontend/feel/build.mjs OUT [NODE_MODULES]

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { patchFeelin, patchFormFeelin } from './feelin_patches.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));

const patchedFeelin = {
  name: 'patched-feelin',
  setup(build) {
    build.onLoad({ filter: /node_modules\/feelin\/dist\/index\.js$/ }, ({ path: file }) => ({ contents: patchFeelin(fs.readFileSync(file, 'utf8')), loader: 'js' }));
  },
};

const patchedFormFeelin = {
  name: 'patched-form-feelin',
  setup(build) {
    build.onLoad({ filter: /node_modules\/@bpmn-io\/feelin\/dist\/index\.js$/ }, ({ path: file }) => ({ contents: patchFormFeelin(fs.readFileSync(file, 'utf8')), loader: 'js' }));
  },
};

async function esbuildFrom(nodeModules) {
  const require = createRequire(path.join(nodeModules, 'x.js'));
  return import(pathToFileURL(require.resolve('esbuild')));
}

export async function buildFeel(outDir, nodeModules) {
  const { build } = await esbuildFrom(nodeModules);
  const shared = {
    bundle: true, format: 'iife', target: 'es2020', nodePaths: [nodeModules], logLevel: 'warning', legalComments: 'none',
    minifyWhitespace: true, minifySyntax: true,
  };
  fs.mkdirSync(outDir, { recursive: true });
  await build({ ...shared, entryPoints: [path.join(HERE, 'feel_entry.js')], outfile: path.join(outDir, 'feel.js'), plugins: [patchedFeelin] });
  if (fs.existsSync(path.join(HERE, 'form_entry.js'))) {
    await build({ ...shared, entryPoints: [path.join(HERE, 'form_entry.js')], outfile: path.join(outDir, 'form.js'), plugins: [patchedFormFeelin] });
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [outDir, nodeModules] = [process.argv[2], process.argv[3] || path.join(HERE, '..', 'node_modules')];
  if (!outDir) throw new Error('Expected the output folder: node frontend/feel/build.mjs OUT [NODE_MODULES]');
  await buildFeel(path.resolve(outDir), path.resolve(nodeModules));
}
