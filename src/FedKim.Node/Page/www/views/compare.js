// Two federations side by side.

import { el, say, table } from '../dom.js';
import { mainFigure, median } from '../model.js';
import { reportOf } from './report.js';
import { figure, short, span } from '../words.js';

export const title = 'Compare';

export function open(place, page) {
  const [first, second] = ['first', 'second'].map(id => el('select', { id, on: { change: () => read() } }));
  const state = el('p', { role: 'status' });
  const told = el('div');
  place.append(el('p', { class: 'choose' }, el('span', {}, el('label', { for: 'first' }, 'One'), first), el('span', {}, el('label', { for: 'second' }, 'the other'), second)), state, told);

  function renamed() {
    for (const [select, back] of [[first, 2], [second, 1]]) {
      const before = select.value;
      select.replaceChildren(...page.names.map(name => el('option', { value: name }, name)));
      select.value = page.names.includes(before) ? before : page.names.at(-back) ?? page.names.at(-1) ?? '';
    }
    read();
  }

  async function read() {
    if (page.names.length < 2) {
      say(state, 'There are no two federations yet.');
      return;
    }
    const names = [first.value, second.value];
    say(state, 'Reading…');
    try {
      const [a, b] = await Promise.all(names.map(reportOf));
      if (!state.isConnected || names[0] !== first.value || names[1] !== second.value) return;
      told.replaceChildren(whole(a, b), el('h2', {}, 'Results'), measured(a, b));
      say(state, a.result?.globalSha256 && a.result.globalSha256 === b.result?.globalSha256 ? 'Both end with the same model, bit by bit.' : 'Their models differ.');
    } catch (error) {
      say(state, error.message);
    }
  }

  renamed();
  return { update() {}, renamed };
}

function whole(a, b) {
  const took = report => median(report.rounds.map(round => Object.values(round.phaseMilliseconds).reduce((sum, one) => sum + one, 0)));
  const lines = [
    ['Phase', one => one.phase], ['Method', one => one.method], ['Strategy', one => one.strategy], ['Seed', one => one.seed],
    ['Rounds committed', one => one.rounds.filter(round => round.outcome === 'committed').length],
    ['A round takes, as a rule', one => span(took(one))],
    ['Contributions', one => one.rounds.reduce((sum, round) => sum + round.accepted.length, 0)],
    ['Left out', one => one.rounds.reduce((sum, round) => sum + round.dropped.length, 0)],
    ['Model', one => short(one.result?.globalSha256)], ['Adapters', one => short(one.result?.adapterSha256)],
  ].map(([name, of]) => ({ name, a: of(a) ?? '', b: of(b) ?? '' }));
  const rows = table('Side by side', [
    { name: 'What', of: row => row.name }, { name: a.federation, of: row => row.a }, { name: b.federation, of: row => row.b },
    { name: 'Same', of: row => row.a === row.b ? 'same' : 'differs', mood: row => row.a === row.b ? 'quiet' : 'warn' },
  ], row => row.name);
  rows.update(lines);
  return rows.element;
}

function measured(a, b) {
  const key = task => `${task.task} · ${task.method}`;
  const all = [...new Set([...a.evaluation, ...b.evaluation].map(key))];
  if (!all.length) return el('p', { class: 'quiet' }, 'Neither is measured yet.');
  const of = (report, name) => report.evaluation.find(task => key(task) === name);
  const told = task => task ? `${figure(mainFigure(task)[1])}${typeof task.low === 'number' ? ` (${figure(task.low)} to ${figure(task.high)})` : ''}` : '';
  const rows = table('AUROC, or BLEU-1, with its 95 % interval', [
    { name: 'Task · method', of: row => row.name }, { name: a.federation, of: row => told(row.a) }, { name: b.federation, of: row => told(row.b) },
    { name: 'Difference', of: row => row.a && row.b ? figure(mainFigure(row.b)[1] - mainFigure(row.a)[1]) : '', class: 'number' },
  ], row => row.name);
  rows.update(all.map(name => ({ name, a: of(a, name), b: of(b, name) })));
  return rows.element;
}
