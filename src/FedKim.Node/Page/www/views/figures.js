// Finished results as tables and figures; shared by the views that tell them.

import { draw, el, key, table } from '../dom.js';
import { mainFigure } from '../model.js';
import { figure } from '../words.js';

const Beside = 'small-models';

/** The evaluation as a table. */
export function results(evaluation, caption) {
  const isGenerated = task => typeof task.bleu === 'number';
  const best = task => Object.entries(task.trivial ?? {}).map(([name, one]) => [name, isGenerated(task) ? one.bleu : one.accuracy])
    .filter(([, value]) => typeof value === 'number').sort((a, b) => b[1] - a[1])[0];
  const rows = table(caption, [
    { name: 'Task', of: task => task.task, class: 'whole' },
    { name: 'Method', of: task => task.method, class: 'whole' },
    { name: 'AUROC or BLEU-1', of: task => figure(mainFigure(task)[1]), class: 'number' },
    { name: '95 % interval', of: task => typeof task.low === 'number' ? `${figure(task.low)} to ${figure(task.high)}` : '', class: 'whole' },
    { name: 'n', of: task => task.n, class: 'number' },
    { name: 'Accuracy', of: task => figure(task.accuracy), class: 'number' },
    { name: 'Precision', of: task => figure(task.precision), class: 'number' },
    { name: 'Recall', of: task => figure(task.recall), class: 'number' },
    { name: 'F1', of: task => figure(task.f1), class: 'number' },
    { name: 'Unparsed', of: task => figure(task.unparsed), class: 'number' },
    { name: 'Constant answer', of: task => best(task) ? `${best(task)[0]} ${figure(best(task)[1])}${isGenerated(task) ? ' BLEU-1' : ''}` : '', class: 'whole' },
    { name: 'Kind', of: task => task.kind, class: 'whole' },
  ], task => `${task.task} ${task.method}`, { compared: true });
  rows.update(evaluation);
  return rows.element;
}

/** Each task's figure with its interval, a line each method, the small models beside the injected one; a constant answer has an AUROC of one half. */
export function intervals(evaluation) {
  const [left, width, letters] = innerWidth < 700 ? [44, 50, 17] : [30, 67, 44];
  const x = value => `${(left + width * Math.min(1, Math.max(0, value))).toFixed(2)}%`;
  const measured = evaluation.filter(task => typeof mainFigure(task)[1] === 'number');
  const tasks = [...new Set(measured.map(task => task.task))];
  const parts = [];
  let y = 30;
  for (const name of tasks) {
    parts.push(draw('line', { x1: 0, x2: '100%', y1: y, y2: y }), draw('text', { x: 10, y: y + 18, 'font-weight': 600 }, cut(name, letters + 2)));
    if (innerWidth < 700) y += 18;
    const lines = measured.filter(task => task.task === name);
    for (const task of lines) {
      const beside = task.method === Beside ? ' beside' : '';
      const middle = y + 14;
      const [figureName, value] = mainFigure(task);
      const trivial = figureName === 'AUROC' ? 0.5 : Math.max(0, ...Object.values(task.trivial ?? {}).map(one => one.bleu ?? 0));
      const told = `${name}, ${task.method}: ${figureName} ${figure(value)}${typeof task.low === 'number' ? `, ${figure(task.low)} to ${figure(task.high)}` : ''}`;
      parts.push(draw('text', { x: `${left - 1.5}%`, y: middle + 4, 'text-anchor': 'end', class: 'quiet' }, cut(task.method, letters)));
      parts.push(draw('line', { x1: x(trivial), x2: x(trivial), y1: middle - 9, y2: middle + 9, class: 'trivial' }, draw('title', {}, `a constant answer: ${figure(trivial)}`)));
      if (typeof task.low === 'number') parts.push(draw('line', { x1: x(task.low), x2: x(task.high), y1: middle, y2: middle, class: `interval${beside}` }));
      parts.push(draw('circle', { cx: x(value), cy: middle, r: 5, class: `dot${beside}` }, draw('title', {}, told)));
      y += 24;
    }
    y += 4;
  }
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap(value => [
    draw('line', { x1: x(value), x2: x(value), y1: 24, y2: y }), draw('text', { x: x(value), y: 18, 'text-anchor': 'middle', class: 'quiet' }, String(value)),
  ]);
  const label = 'AUROC or BLEU-1 of each task and method with its 95 % interval, and what a constant answer reaches. The table tells the same.';
  return el('div', {}, draw('svg', { class: 'drawn', role: 'img', height: y + 4, 'aria-label': label }, grid, parts), key([
    ['dot', 'dot', 'AUROC or BLEU-1 of the injected model, with its 95 % interval'], ['dot', 'dot beside', 'of the small models alone'], ['line', 'trivial', 'of a constant answer'],
  ]));
}

const cut = (text, letters) => text.length > letters ? `${text.slice(0, letters - 1)}…` : text;

/** What each expert weighs for each task, as a table in which more is darker. */
export function heat(routing) {
  if (!routing?.length) return el('p', { class: 'quiet' }, 'There is no router, or the model is not measured yet.');
  const experts = Math.max(...routing.map(row => row.alpha.length));
  const most = Math.max(...routing.flatMap(row => row.alpha), 1e-9);
  const cell = weight => {
    const element = el('td', {}, figure(weight, 2));
    element.style.setProperty('--share', `${Math.round(100 * (weight ?? 0) / most)}%`);
    return element;
  };
  const columns = Array.from({ length: experts }, (_, i) => i);
  return el('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'Weights of the experts' }, el('table', { class: 'heat compared' },
    el('caption', {}, 'α: what each expert weighs for each task; a row adds up to 1'),
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Task'), columns.map(i => el('th', { scope: 'col', class: 'number' }, `E${i + 1}`)))),
    el('tbody', {}, routing.map(row => el('tr', {}, el('th', { scope: 'row' }, row.task), columns.map(i => cell(row.alpha[i])))))));
}
