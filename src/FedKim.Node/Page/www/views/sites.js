// The sites: who is here, what each does, and what it last gave.

import { ask } from '../ask.js';
import { button } from '../actions.js';
import { el, say, table } from '../dom.js';
import { at } from '../model.js';
import { bytes, figure, time } from '../words.js';

export const title = 'Sites';

export function open(place, page) {
  const summary = el('p', { role: 'status' });
  const last = new Map();
  let askedFor = '';
  const buttons = new Map();
  const changes = row => {
    const own = ['drain', 'back'].map(kind => [kind, button(kind, page, { about: () => row.client, federation: () => page.chosen })]);
    buttons.set(row.client, own);
    return el('span', { class: 'buttons' }, own.map(([, one]) => one.element));
  };
  const doing = row => row.activity + (row.total ? ` ${['fetching', 'sending'].includes(row.activity) ? `${bytes(row.done)} of ${bytes(row.total)}` : `${row.done} of ${row.total}`}` : '');
  const given = row => last.get(row.client);
  const rows = table('Sites', [
    { name: 'Site', of: row => row.client },
    { name: 'Address', of: row => row.node },
    { name: 'Present', of: row => !row.present ? 'away' : row.silent ? 'not heard' : 'here', mood: row => !row.present ? 'bad' : row.silent ? 'warn' : 'good' },
    { name: 'Standing', of: row => row.standing },
    { name: 'Does', of: doing },
    { name: 'Rate', of: row => Number.isFinite(page.rate.get(row.client)) ? `${bytes(page.rate.get(row.client))}/s` : '', class: 'number' },
    { name: 'Loss', of: row => figure(row.loss), class: 'number' },
    { name: 'Last contribution', of: row => given(row) ? `round ${given(row).round}, ${time(at(given(row).time), page.now())}` : '' },
    { name: 'Samples by task', of: row => given(row)?.samples ?? '', class: 'text' },
    { name: 'Clock', of: row => row.clock, mood: row => row.clock ? 'warn' : '' },
    { name: 'Data, packages', of: row => [row.data, row.packages].filter(Boolean).join('; '), class: 'text', mood: row => row.data || row.packages ? 'warn' : '' },
    { name: 'Problem', of: row => row.problem, class: 'text', mood: row => row.problem ? 'bad' : '' },
    { name: 'Change', make: changes },
  ], row => row.client);
  place.append(summary, rows.element);

  function take(events) {
    for (const event of events) {
      if (event.kind === 'ContributionAccepted' && !(last.get(event.site)?.round > event.round)) last.set(event.site, event);
    }
  }

  // Before the open round's contributions have come, those of the round before are the last.
  async function before() {
    const round = page.row('timeline')?.round;
    const key = `${page.federation()} ${round}`;
    if (!round || key === askedFor) return;
    if (!askedFor.startsWith(`${page.federation()} `)) last.clear();
    askedFor = key;
    try {
      if (round > 1) take(await ask('round', 'timeline', { federation: page.federation(), round: round - 1 }));
    } catch {
      // What is not known is not shown.
    }
  }

  return {
    update() {
      before();
      take(page.rows('timeline'));
      const clients = page.rows('clients');
      say(summary, page.fault('clients') || `${clients.filter(client => client.present && !client.silent).length} of ${clients.length} sites are here.`);
      rows.update(clients);
      for (const client of clients) {
        for (const [kind, one] of buttons.get(client.client) ?? []) one.show(['drained', 'excluded'].includes(client.standing) === (kind === 'back') && client.standing !== 'uninvited');
      }
    },
  };
}
