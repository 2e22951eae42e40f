// A round as a timeline: a lane a site, then the sum, the injection and the publication.

import { ask } from '../ask.js';
import { draw, el, say, table } from '../dom.js';
import { at, lanesOf } from '../model.js';
import { span, time } from '../words.js';

export const title = 'Round';

const Lane = 26;
const Head = 24;

export function open(place, page) {
  const which = el('select', { id: 'round', on: { change: () => choose(which.value) } });
  const summary = el('p', { role: 'status' });
  const picture = el('div');
  const events = table('What happened, in order', [
    { name: 'Time', of: row => time(at(row.time), page.now()) },
    { name: 'Site', of: row => row.site },
    { name: 'Event', of: row => row.event, class: 'text' },
  ], row => `${row.round} ${row.place}`);
  const key = el('ul', { class: 'key' }, [
    'bar: asked, at work; in other colours fetching and sending, as seen since this page was opened', 'green dot: counted', 'red dot: left out, or an attempt that broke',
    'dashed line: another server took over, or the round was tried again',
  ].map(text => el('li', {}, text)));
  place.append(el('p', {}, el('label', { for: 'round' }, 'Round '), which), summary, picture, key, events.element);
  let chosen = '';
  let fetched = null;
  let options = '';

  async function choose(number) {
    chosen = number;
    fetched = null;
    if (number) {
      try {
        const rows = await ask('round', 'timeline', { federation: page.federation(), round: number });
        if (chosen === number) fetched = rows;
      } catch (error) {
        page.tell(error.message);
      }
    }
    drawn = '';
    update();
  }

  let drawn = '';

  function update() {
    const rounds = page.rows('rounds');
    const now = page.now();
    const numbers = rounds.map(round => round.round).join(' ');
    if (numbers !== options) {
      options = numbers;
      which.replaceChildren(el('option', { value: '' }, 'the latest'), ...rounds.toReversed().map(round => el('option', { value: round.round }, `${round.round} – ${round.phase}`)));
      which.value = chosen;
    }
    const rows = chosen ? fetched ?? [] : page.rows('timeline');
    events.update(rows.map((row, place) => ({ ...row, place })));
    if (!rows.length) {
      say(summary, page.fault('timeline') || 'No round yet.');
      picture.replaceChildren();
      return;
    }
    const round = rounds.find(one => one.round === rows[0].round);
    const sites = chosen ? [] : page.rows('clients').filter(client => !['uninvited', 'left out', '-'].includes(client.standing)).map(client => client.client);
    const lanes = lanesOf(rows, sites, page.sightings, now);
    const waiting = !chosen && round?.waiting ? round.waiting : '';
    say(summary, `Round ${rows[0].round}: ${round?.phase ?? ''}, ${lanes.lanes.flatMap(lane => lane.points).filter(point => point.kind === 'counted').length} counted${waiting ? `. It waits: ${waiting}` : ''}.`);
    // Drawn anew when something is, and every five seconds while time goes on.
    const shape = JSON.stringify([rows.length, rows[0].round, lanes.lanes.map(lane => [lane.name, lane.bars.map(bar => bar.kind)]), waiting, Math.floor(lanes.to / 5000)]);
    if (shape === drawn) return;
    drawn = shape;
    picture.replaceChildren(image(lanes, waiting, summary.textContent));
  }

  return { update };
}

function image({ from, to, lanes, marks }, waiting, label) {
  // Percent of the width, and letters, for names.
  const [Names, letters] = innerWidth < 600 ? [34, 15] : [20, 26];
  const cut = name => name.length > letters ? `${name.slice(0, letters - 1)}…` : name;
  const percent = moment => `${(Names + (100 - Names) * Math.min(1, Math.max(0, (moment - from) / (to - from)))).toFixed(2)}%`;
  const wide = (a, b) => `${Math.max(0.3, (100 - Names) * (Math.min(b, to) - Math.max(a, from)) / (to - from)).toFixed(2)}%`;
  const height = Head + lanes.length * Lane + (waiting ? Lane : 0) + 8;
  const parts = [draw('text', { x: `${Names}%`, y: 16, class: 'quiet' }, time(from)), draw('text', { x: '99%', y: 16, class: 'quiet', 'text-anchor': 'end' }, `${time(to)} (${span(to - from)})`)];
  lanes.forEach((lane, i) => {
    const y = Head + i * Lane;
    parts.push(draw('line', { x1: 0, x2: '100%', y1: y, y2: y }), draw('text', { x: 6, y: y + 17 }, cut(lane.name)));
    for (const bar of lane.bars) {
      const told = `${lane.name}: ${bar.text || bar.kind}, ${time(bar.from)} to ${time(bar.to)}`;
      parts.push(draw('rect', { x: percent(bar.from), width: wide(bar.from, bar.to), y: y + 5, height: Lane - 10, class: bar.kind }, draw('title', {}, told)));
    }
    for (const point of lane.points) parts.push(draw('circle', { cx: percent(point.at), cy: y + Lane / 2, r: 6, class: point.kind }, draw('title', {}, `${time(point.at)} ${point.text}`)));
  });
  if (waiting) {
    const y = Head + lanes.length * Lane;
    const bar = draw('rect', { x: '90%', width: '9.5%', y: y + 5, height: Lane - 10, class: 'waiting' }, draw('title', {}, waiting));
    parts.push(draw('text', { x: 6, y: y + 17 }, 'waits'), bar);
  }
  for (const mark of marks) {
    const x = percent(mark.at);
    parts.push(draw('line', { x1: x, x2: x, y1: Head, y2: height, class: 'takeover' }, draw('title', {}, `${time(mark.at)} ${mark.text}`)));
  }
  return draw('svg', { class: 'drawn', role: 'img', 'aria-label': `${label} The table below tells the same.`, height }, parts);
}
