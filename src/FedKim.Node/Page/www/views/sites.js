// The sites: who is here, what each does, and what it last gave.

import { ask } from '../ask.js';
import { el, say, table } from '../dom.js';
import { at } from '../model.js';
import { bytes, figure, names, time } from '../words.js';

export const title = 'Sites';

export function open(place, page) {
  const summary = el('p', { role: 'status' });
  const last = new Map();
  let askedFor = '';
  const moves = row => ['fetching', 'sending'].includes(row.activity);
  const rate = row => Number.isFinite(page.rate.get(row.client)) ? `, ${bytes(page.rate.get(row.client))}/s` : '';
  const doing = row => row.activity + (row.total ? moves(row) ? ` ${bytes(row.done)} of ${bytes(row.total)}${rate(row)}` : ` ${row.done} of ${row.total}` : '');
  const given = row => last.get(row.client);
  const isHere = row => row.present && !row.silent;
  const rows = table('Sites, and what each does', [
    { name: 'Site', of: row => row.client, class: 'whole' },
    { name: 'Present', of: row => !row.present ? 'away' : row.silent ? 'not heard' : 'here', class: 'whole', mood: row => !row.present ? 'bad' : row.silent ? 'warn' : 'good' },
    { name: 'In this round', of: row => row.standing === '-' ? '' : row.standing, class: 'whole' },
    { name: 'Does', of: doing },
    { name: 'Loss', of: row => figure(row.loss), class: 'number' },
    { name: 'Last counted', of: row => given(row) ? `round ${given(row).round}, ${time(at(given(row).time), page.now())}` : '' },
    { name: 'Samples by task', of: row => given(row)?.samples ?? '', class: 'text' },
    { name: 'Linked', of: row => row.node },
    { name: 'To look into', of: row => [row.problem, row.clock, row.data && `data ${row.data}`, row.packages].filter(Boolean).join('; '), class: 'text', mood: row => row.problem ? 'bad' : 'warn' },
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
      const away = clients.filter(client => !isHere(client)).map(client => client.client);
      say(summary, page.fault('clients') || (clients.length
        ? away.length ? `${clients.length - away.length} of ${clients.length} sites are here. Not heard: ${names(away)}.` : `All ${clients.length} sites are here.`
        : 'No site yet.'));
      rows.update(clients);
    },
  };
}
