// The federation's report: what it ended with, round by round.

import { ask } from '../ask.js';
import { el, facts, say, table } from '../dom.js';
import { heat, intervals, results } from './figures.js';
import { short, span } from '../words.js';

export const title = 'Report';

/** A federation's report. */
export const reportOf = async name => JSON.parse((await ask('federation', 'report', { federation: name }))[0].message);

export function open(place, page) {
  const state = el('p', { role: 'status' }, 'Reading…');
  const told = el('div');
  place.append(state, told);
  let seen = '';

  async function read(name) {
    try {
      const report = await reportOf(name);
      if (!state.isConnected) return;
      const shown = facts(['Federation', 'Phase', 'Method', 'Strategy', 'Seed', 'Model', 'Adapters', 'Cause']);
      shown.set('Federation', report.federation);
      shown.set('Phase', report.phase);
      shown.set('Method', report.method);
      shown.set('Strategy', report.strategy);
      shown.set('Seed', report.seed);
      shown.set('Model', report.result?.globalSha256);
      shown.set('Adapters', report.result?.adapterSha256);
      shown.set('Cause', report.cause, report.cause ? 'bad' : '');
      const rounds = table('Rounds', [
        { name: 'Round', of: round => round.number },
        { name: 'Outcome', of: round => round.outcome, mood: round => round.outcome === 'failed' ? 'bad' : '' },
        { name: 'Counted', of: round => `${round.accepted.length} of ${round.participants.length}`, class: 'number' },
        { name: 'Samples', of: round => round.accepted.reduce((sum, one) => sum + one.samples, 0), class: 'number' },
        { name: 'Left out', of: round => round.dropped.map(one => `${one.client}: ${one.reason}`).join('; '), class: 'text' },
        { name: 'Took', of: round => span(Object.values(round.phaseMilliseconds).reduce((sum, one) => sum + one, 0)), class: 'number' },
        { name: 'Model', of: round => short(round.globalSha256) },
        { name: 'Cause', of: round => round.cause, class: 'text' },
      ], round => round.number);
      rounds.update(report.rounds);
      const file = new Blob([JSON.stringify(report, null, 2)], { type: 'application/json' });
      const save = el('button', { type: 'button', on: { click: () => download(file, `${report.federation}-report.json`) } }, 'Save as JSON');
      told.replaceChildren(shown.element, el('p', {}, save), ...report.evaluation.length
        ? [el('h2', {}, 'Results'), intervals(report.evaluation), results(report.evaluation, 'Results on the test data; a constant answer by its accuracy'), el('h2', {}, 'Experts'), heat(report.routing)] : [], el('h2', {}, 'Rounds'), rounds.element);
      say(state, report.phase === 'Completed' ? 'The federation is completed.' : `The federation is ${report.phase}: this is what there is so far.`);
    } catch (error) {
      say(state, error.message);
    }
  }

  return {
    update() {
      const status = page.row('federation');
      const key = status ? `${status.federation} ${status.committedRounds} ${status.phase}` : '';
      if (!key || key === seen) return;
      seen = key;
      read(status.federation);
    },
  };
}

function download(file, name) {
  const link = el('a', { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
