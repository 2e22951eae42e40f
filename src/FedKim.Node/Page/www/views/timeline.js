// A round as a timeline: a lane a site, then the sum, the injection and the publication.

import { ask } from '../ask.js';
import { draw, el, key, say, table } from '../dom.js';
import { at, lanesOf } from '../model.js';
import { span, time } from '../words.js';

export const title = 'Round';

const Lane = 28;
const Head = 26;

export function open(place, page) {
  const which = el('select', { id: 'round', on: { change: () => choose(which.value) } });
  const summary = el('p', { role: 'status' });
  const picture = el('div');
  const events = table('What happened, in order', [
    { name: 'Time', of: row => time(at(row.time), page.now()), class: 'whole' },
    { name: 'Site', of: row => row.site, class: 'whole spare' },
    { name: 'Event', of: row => row.event, class: 'text bare' },
  ], row => `${row.round} ${row.place}`);
  const signs = key([
    ['bar', 'work', 'asked'], ['bar', 'fetching', 'fetching'], ['bar', 'training', 'training'], ['bar', 'sending', 'sending; sum, injection, publication'], ['bar', 'away', 'not heard'], ['bar', 'paused', 'paused by an operator'],
    ['dot', 'counted', 'counted'], ['dot', 'dropped', 'left out, or an attempt that broke'], ['line', 'takeover', 'another server took over, or tried again'],
  ]);
  place.append(el('p', { class: 'choose' }, el('span', {}, el('label', { for: 'round' }, 'Round'), which)), summary, picture, signs,
    el('p', { class: 'quiet' }, 'Fetching, training and sending are drawn as far as this page has seen them; the rest is the journal\'s.'), events.element);
  let chosen = '';
  let fetched = null;
  let options = '';
  let drawn = '';

  async function choose(number) {
    chosen = number;
    fetched = null;
    if (number) {
      try {
        const rows = await ask('round', 'timeline', { federation: page.federation(), round: number });
        if (chosen === number) fetched = rows;
      } catch (error) {
        say(summary, error.message);
      }
    }
    drawn = '';
    update();
  }

  function update() {
    const rounds = page.rows('rounds');
    const now = page.now();
    const numbers = rounds.map(round => `${round.round} ${round.phase}`).join();
    if (numbers !== options) {
      options = numbers;
      which.replaceChildren(el('option', { value: '' }, 'the latest'), ...rounds.toReversed().map(round => el('option', { value: round.round }, `${round.round}, ${round.phase}`)));
      which.value = chosen;
    }
    const rows = chosen ? fetched ?? [] : page.rows('timeline');
    events.update(rows.map((row, place) => ({ ...row, place })));
    if (!rows.length) {
      if (!chosen) say(summary, page.fault('timeline') || 'No round yet.');
      picture.replaceChildren();
      return;
    }
    const number = rows[0].round;
    const round = rounds.find(one => one.round === number);
    const isLatest = number === page.row('timeline')?.round;
    const sites = isLatest ? page.rows('clients').filter(client => !['uninvited', 'left out', 'drained', 'excluded', '-'].includes(client.standing)).map(client => client.client) : [];
    const lanes = lanesOf(rows, sites, site => page.sightings.of(`${page.federation()}/${number}`, site), now);
    const counted = lanes.lanes.flatMap(lane => lane.points).filter(point => point.kind === 'counted').length;
    const waiting = isLatest && round?.waiting ? round.waiting : '';
    say(summary, `Round ${number}: ${round?.phase ?? 'begins'}, ${counted} counted, ${span(lanes.to - lanes.from)}${waiting ? `. It waits: ${waiting}` : ''}.`);
    // Drawn anew when something is, and every second while time goes on.
    const shape = JSON.stringify([rows.length, number, lanes.lanes.map(lane => [lane.name, lane.bars.map(bar => bar.kind)]), lanes.pauses.length, waiting, Math.floor(lanes.to / 1000), innerWidth < 700]);
    if (shape === drawn) return;
    drawn = shape;
    picture.replaceChildren(image(lanes, waiting, `Round ${number}, a lane a site.`));
  }

  return { update };
}

function image({ from, to, lanes, marks, pauses }, waiting, label) {
  // Percent of the width, and letters, for names.
  const [names, letters] = innerWidth < 700 ? [33, 14] : [16, 24];
  const cut = name => name.length > letters ? `${name.slice(0, letters - 1)}…` : name;
  // Some room is left at the end for what happens there.
  const across = 97 - names;
  const x = moment => `${(names + across * Math.min(1, Math.max(0, (moment - from) / (to - from)))).toFixed(2)}%`;
  const wide = (a, b) => `${Math.max(0.3, across * (Math.min(b, to) - Math.max(a, from)) / (to - from)).toFixed(2)}%`;
  const height = Head + lanes.length * Lane + (waiting ? Lane : 0) + 6;
  const parts = [
    draw('text', { x: `${names}%`, y: 17, class: 'quiet' }, time(from)), draw('text', { x: '99%', y: 17, class: 'quiet', 'text-anchor': 'end' }, `${time(to)}, ${span(to - from)} later`),
  ];
  for (const pause of pauses) {
    const told = `${pause.text} ${time(pause.from)} to ${time(pause.to)} (${span(pause.to - pause.from)})`;
    parts.push(draw('rect', { x: x(pause.from), width: wide(pause.from, pause.to), y: Head, height: lanes.length * Lane, class: 'paused' }, draw('title', {}, told)));
  }
  lanes.forEach((lane, i) => {
    const y = Head + i * Lane;
    parts.push(draw('line', { x1: 0, x2: '100%', y1: y, y2: y }), draw('text', { x: 10, y: y + 19 }, cut(lane.name)));
    for (const bar of lane.bars) {
      const told = `${lane.name}: ${bar.text}, ${time(bar.from)} to ${time(bar.to)} (${span(bar.to - bar.from)})`;
      parts.push(draw('rect', { x: x(bar.from), width: wide(bar.from, bar.to), y: y + 6, height: Lane - 12, rx: 3, class: bar.kind }, draw('title', {}, told)));
    }
    for (const point of lane.points) parts.push(draw('circle', { cx: x(point.at), cy: y + Lane / 2, r: 6, class: point.kind }, draw('title', {}, `${time(point.at)} ${point.text}`)));
  });
  if (waiting) {
    const y = Head + lanes.length * Lane;
    const bar = draw('rect', { x: '90%', width: '9.5%', y: y + 6, height: Lane - 12, class: 'waiting' }, draw('title', {}, waiting));
    parts.push(draw('text', { x: 10, y: y + 19 }, 'waits'), bar);
  }
  for (const mark of marks) parts.push(draw('line', { x1: x(mark.at), x2: x(mark.at), y1: Head, y2: height, class: 'takeover' }, draw('title', {}, `${time(mark.at)} ${mark.text}`)));
  return draw('svg', { class: 'drawn', role: 'img', 'aria-label': `${label} The table below tells the same.`, height }, parts);
}
