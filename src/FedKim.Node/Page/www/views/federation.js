// Where the federation stands, and what it waits for.

import { ask } from '../ask.js';
import { button } from '../actions.js';
import { el, facts, say, table } from '../dom.js';
import { at, deadlineOf, endOf, isOver } from '../model.js';
import { short, span, time } from '../words.js';

export const title = 'Federation';

export function open(place, page) {
  const shown = facts(['Federation', 'Phase', 'Rounds', 'Open round', 'Quorum', 'Deadline', 'Waits for', 'Estimated end', 'Led by', 'Method', 'Model', 'Cause']);
  const trouble = el('p', { class: 'notice', role: 'alert', hidden: true });
  const about = () => page.federation();
  const buttons = ['pause', 'resume', 'stop'].map(kind => [kind, button(kind, page, { about, federation: about })]);
  const members = table('Nodes of the cluster', [
    { name: 'Address', of: row => row.address },
    { name: 'Roles', of: row => (row.roles ?? []).join(', ') },
    { name: 'Status', of: row => row.reachable ? row.status : `${row.status}, not reached`, mood: row => row.reachable ? 'good' : 'bad' },
    { name: 'Leader', of: row => row.leader ? 'leads' : '' },
  ], row => row.address);
  const queue = table('Federations that run or wait', [
    { name: 'Federation', of: row => row.federation },
    { name: 'Phase', of: row => row.phase },
    { name: 'Rounds', of: row => `${row.committedRounds} of ${row.rounds}`, class: 'number' },
    { name: 'Since', of: row => time(at(row.since)) },
    { name: 'Waits for', of: row => row.waiting, class: 'text' },
  ], row => row.federation);
  const injector = facts(['Injector', 'Does', 'Steps', 'Loss', 'Problem']);
  place.append(trouble, shown.element, el('p', { class: 'buttons' }, buttons.map(([, one]) => one.element)),
    el('h2', {}, 'Injector'), injector.element, el('h2', {}, 'Queue'), queue.element, el('h2', {}, 'Servers and members'), members.element);
  let plan = null;
  let planOf = '';

  async function learn(name) {
    planOf = name;
    try {
      plan = JSON.parse((await ask('federation', 'plan', { federation: name }))[0].message);
    } catch {
      plan = null;
    }
  }

  return {
    update() {
      const status = page.row('federation');
      const fault = page.fault('federation');
      say(trouble, fault);
      trouble.hidden = !fault;
      queue.update(page.rows('queue'));
      members.update(page.rows('members'));
      const busy = page.row('injector');
      injector.set('Injector', page.fault('injector') || (busy?.present ? 'here' : 'away'), busy?.present ? 'good' : 'bad');
      injector.set('Does', busy ? `${busy.activity} ${busy.work}` : '');
      injector.set('Steps', busy?.total ? `${busy.done} of ${busy.total}` : busy?.done || '');
      injector.set('Loss', typeof busy?.loss === 'number' ? busy.loss.toFixed(4) : '');
      injector.set('Problem', busy?.problem, busy?.problem ? 'bad' : '');
      const canResume = status && (['Failed', 'Paused'].includes(status.phase) || /paused/i.test(status.waiting));
      const runs = status && !isOver(status) && status.place === 0;
      for (const [kind, one] of buttons) one.show(kind === 'resume' ? canResume : runs);
      if (!status) return;
      if (planOf !== status.federation) learn(status.federation);
      const now = page.now();
      const events = page.rows('timeline');
      const round = page.rows('rounds').find(row => row.round === status.openRound);
      const deadline = deadlineOf(events, plan);
      const end = endOf(status, page.rows('rounds'), now);
      const waiting = page.rows('queue').find(row => row.federation === status.federation);
      shown.set('Federation', status.federation);
      shown.set('Phase', round && !isOver(status) ? `${status.phase}: ${round.phase}` : status.phase, status.phase === 'Failed' ? 'bad' : status.phase === 'Completed' ? 'good' : '');
      shown.set('Rounds', `${status.committedRounds} of ${status.rounds} committed`);
      shown.set('Open round', round ? `${round.round}: ${round.accepted} of ${round.invited} counted, ${round.dropped} left out` : 'none');
      shown.set('Quorum', `${status.quorum} of ${(status.invited ?? []).length}`);
      shown.set('Deadline', Number.isFinite(deadline) ? deadline > now ? `${time(deadline, now)}, in ${span(deadline - now)}` : `${time(deadline, now)}, has passed` : '');
      const since = waiting ? at(waiting.since) : NaN;
      const long = Number.isFinite(since) ? `; in this phase since ${time(since, now)} (${span(now - since)})` : '';
      shown.set('Waits for', status.waiting ? status.waiting + long : '', status.waiting ? 'warn' : '');
      shown.set('Estimated end', Number.isFinite(end) ? `${time(end, now)}, if rounds go on as the last ones` : '');
      shown.set('Led by', status.coordinator ? `${status.coordinator}, epoch ${status.epoch}` : '');
      shown.set('Method', `${status.method}, ${status.strategy}, seed ${status.seed}`);
      shown.set('Model', short(status.globalModel));
      shown.set('Cause', status.cause, status.cause ? 'bad' : '');
    },
  };
}
