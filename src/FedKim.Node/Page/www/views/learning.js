// What was learned: losses over rounds, results with their intervals, and how the experts are weighed.

import { ask } from '../ask.js';
import { chart } from '../chart.js';
import { el, say, table } from '../dom.js';
import { lossesOf } from '../model.js';
import { heat, intervals, results } from './figures.js';
import { count, figure } from '../words.js';

export const title = 'Learning';

export function open(place, page) {
  const state = el('p', { role: 'status' }, 'Reading…');
  const curve = chart('Loss of each site\'s training, and of the injection, by round. The table below tells the same.');
  const measured = el('div');
  const none = el('p', { class: 'quiet' }, 'No round has contributions yet.');
  const same = el('details', {}, el('summary', {}, 'The same as a table'));
  const losing = el('div', { hidden: true }, curve.element, same);
  place.append(state, el('h2', {}, 'Losses'), none, losing, el('h2', {}, 'Results'), measured);
  let seen = '';
  let isOpen = true;

  async function read(name) {
    try {
      const losses = lossesOf(await ask('round', 'losses', { federation: name, last: 500 }));
      if (!isOpen) return;
      none.hidden = losses.rounds.length > 0;
      losing.hidden = !none.hidden;
      if (losses.rounds.length) {
        curve.update(losses);
        same.replaceChildren(same.firstChild, tableOf(losses));
      }
      const report = JSON.parse((await ask('federation', 'report', { federation: name }))[0].message);
      if (!isOpen) return;
      say(state, stateOf(losses, report));
      measured.replaceChildren(...report.evaluation.length
        ? [intervals(report.evaluation), results(report.evaluation, 'Results of the injected model and of the small models alone; a constant answer by its accuracy'), el('h2', {}, 'Experts'), heat(report.routing)]
        : [el('p', { class: 'quiet' }, 'Not yet.')]);
    } catch (error) {
      say(state, error.message);
    }
  }

  return {
    update() {
      const status = page.row('federation');
      const contributions = page.rows('rounds').reduce((sum, round) => sum + round.accepted, 0);
      const key = status ? `${status.federation} ${status.committedRounds} ${status.phase} ${contributions}` : '';
      if (!key || key === seen) return;
      seen = key;
      read(status.federation);
    },
    end() {
      isOpen = false;
      curve.end();
    },
  };
}

function stateOf(losses, report) {
  const measured = report.evaluation.length ? 'The model is measured.' : 'The model is measured when the federation is completed.';
  return `${count(losses.rounds.length, 'round')} with contributions. ${measured}`;
}

function tableOf({ rounds, series }) {
  const rows = table('Loss by round', [
    { name: 'Round', of: row => row.round }, ...series.map((one, i) => ({ name: one.name, of: row => figure(row.values[i], 4), class: 'number' })),
  ], row => row.round, { compared: true });
  rows.update(rounds.map((round, i) => ({ round, values: series.map(one => one.values[i]) })));
  return rows.element;
}
