// The journal in sentences: why a round went as it did.

import { ask } from '../ask.js';
import { el, say, table } from '../dom.js';
import { at } from '../model.js';
import { count, time } from '../words.js';

export const title = 'Journal';

const AtATime = 20;

export function open(place, page) {
  const search = el('input', { id: 'search', type: 'search', autocomplete: 'off', on: { input: () => show() } });
  const more = el('button', { type: 'button', on: { click: () => read(false) } }, `Read ${AtATime} rounds more`);
  const state = el('p', { role: 'status' });
  const rows = table('Why: what happened, the latest first', [
    { name: 'Time', of: row => time(at(row.time), page.now()), class: 'whole' },
    { name: 'Round', of: row => row.round, class: 'number' },
    { name: 'Site', of: row => row.site, class: 'whole spare' },
    { name: 'What happened', of: row => row.event, class: 'text bare' },
  ], row => `${row.round} ${row.place}`);
  place.append(el('p', { class: 'choose' }, el('span', {}, el('label', { for: 'search' }, 'Search'), search)), state, rows.element, el('p', {}, more));
  const told = new Map();
  let name = '';
  let latest = 0;
  let isReading = false;

  async function read(isFirst) {
    if (isReading) return;
    isReading = true;
    const of = name;
    const lowest = Math.min(latest + 1, ...told.keys());
    try {
      for (let round = (isFirst ? latest : lowest - 1), left = AtATime; round >= 1 && left > 0; round--, left--) {
        if (told.has(round)) continue;
        const events = await ask('round', 'timeline', { federation: of, round });
        if (of !== name) break;
        told.set(round, events);
        show();
      }
    } catch (error) {
      say(state, error.message);
    }
    isReading = false;
  }

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = [...told.entries()].sort((a, b) => b[0] - a[0]).flatMap(([, events]) => events.map((event, i) => ({ ...event, place: i })).reverse());
    const found = all.filter(event => words.every(word => `${event.event} ${event.site} round ${event.round}`.toLowerCase().includes(word)));
    rows.update(found.slice(0, 1000));
    more.hidden = told.size === 0 || Math.min(...told.keys()) <= 1;
    say(state, words.length ? `${found.length} of ${count(all.length, 'sentence')} found.` : `${count(all.length, 'sentence')} of ${count(told.size, 'round')}.`);
  }

  return {
    update() {
      const events = page.rows('timeline');
      if (!events.length) {
        say(state, page.fault('timeline') || 'The journal tells nothing yet.');
        return;
      }
      const isOther = name !== page.federation();
      if (isOther) {
        name = page.federation();
        told.clear();
      }
      const isNews = isOther || latest !== events[0].round || told.get(latest)?.length !== events.length;
      latest = events[0].round;
      if (!isNews) return;
      told.set(latest, events.slice());
      show();
      if (isOther || told.size < AtATime) read(true);
    },
  };
}
