// What was learned: losses over rounds, results with their intervals, and how the experts are weighed.

import { ask } from '../ask.js';
import { chart } from '../chart.js';
import { el, say } from '../dom.js';
import { lossesOf } from '../model.js';
import { heat, intervals, results } from './figures.js';

export const title = 'Learning';

export function open(place, page) {
  const state = el('p', { role: 'status' }, 'Reading…');
  const curve = chart('Loss of each site\'s training, and of the injection, by round. The page Round tells single losses.');
  const measured = el('div');
  place.append(state, el('h2', {}, 'Losses'), curve.element, el('h2', {}, 'Results'), measured);
  let seen = '';
  let isOpen = true;

  async function read(name) {
    try {
      const losses = lossesOf(await ask('round', 'losses', { federation: name, last: 500 }));
      if (isOpen && losses.rounds.length) curve.update(losses);
      const report = JSON.parse((await ask('federation', 'report', { federation: name }))[0].message);
      if (!isOpen) return;
      say(state, losses.rounds.length ? `${losses.rounds.length} rounds have contributions.` : 'No round has contributions yet.');
      measured.replaceChildren(...report.evaluation.length
        ? [intervals(report.evaluation), results(report.evaluation, 'Results of the injected model and, beside it, of the small models alone'), el('h2', {}, 'Experts'), heat(report.routing)]
        : [el('p', { class: 'quiet' }, 'The model is measured when the federation is completed.')]);
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
