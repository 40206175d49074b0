// Owns how a page opens a diagram to look at: the viewer, the file, its size. Marks nothing.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

// The stage names the address of the diagram in data-diagram, unless it is given.
export async function open(stage, address = stage.dataset.diagram) {
  const viewer = new NavigatedViewer({ container: stage });
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  await viewer.importXML(await answer.text());
  return viewer;
}

export async function openWhole(stage) {
  const viewer = await open(stage);
  viewer.get('canvas').zoom('fit-viewport', 'auto');
  return viewer;
}
