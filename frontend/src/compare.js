// Owns two diagrams side by side: what came, went, changed or moved is coloured, and both sides pan and zoom together.
import 'diagram-js/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import './compare.css';
import { openWhole } from './diagram.js';

const AROUND = ['bpmn:Participant', 'bpmn:Lane', 'bpmn:SubProcess', 'bpmn:Transaction'];

// What holds other elements is marked by its edge only, so that what is inside stands out.
function mark(viewer, ids, marker) {
  const registry = viewer.get('elementRegistry');
  for (const element of ids.map((id) => registry.get(id)).filter(Boolean)) {
    viewer.get('canvas').addMarker(element.id, marker);
    if (AROUND.includes(element.type) && element.children.length) viewer.get('canvas').addMarker(element.id, 'is-edge-only');
  }
}

function together(one, other) {
  let isFollowing = false;
  const follow = (leader, follower) => leader.on('canvas.viewbox.changed', ({ viewbox }) => {
    if (isFollowing) return;
    isFollowing = true;
    const { x, y, width, height } = viewbox;
    follower.get('canvas').viewbox({ x, y, width, height });
    isFollowing = false;
  });
  follow(one, other);
  follow(other, one);
}

function jumps(viewers) {
  for (const button of document.querySelectorAll('[data-jump]')) {
    button.addEventListener('click', () => {
      const viewer = viewers.find((one) => one.get('elementRegistry').get(button.dataset.jump));
      if (!viewer) return;
      viewer.get('canvas').zoom(0.9);
      viewer.get('canvas').scrollToElement(button.dataset.jump, 80);
      document.querySelector('[data-compare]').scrollIntoView({ block: 'nearest' });
    });
  }
}

for (const panel of document.querySelectorAll('[data-compare]')) {
  try {
    const [old, now] = await Promise.all([...panel.querySelectorAll('[data-diagram]')].map(openWhole));
    const ids = (name) => JSON.parse(panel.dataset[name]);
    mark(old, ids('removed'), 'is-removed');
    mark(now, ids('added'), 'is-added');
    for (const viewer of [old, now]) {
      mark(viewer, ids('changed'), 'is-changed');
      mark(viewer, ids('moved'), 'is-moved');
    }
    together(old, now);
    jumps([now, old]);
    panel.setAttribute('data-ready', '');
  } catch {
    document.querySelector('[data-compare-failed]').hidden = false;
  }
}
