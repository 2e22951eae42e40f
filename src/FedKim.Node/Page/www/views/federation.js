// Where the federation stands, and what it waits for.

import { ask } from '../ask.js';
import { el, facts, say, table } from '../dom.js';
import { at, deadlineOf, endOf, headline, isOver, waitsFor } from '../model.js';
import { count, short, span, time } from '../words.js';

export const title = 'Federation';

// By name: a plan never changes.
const plans = new Map();

export function open(place, page) {
  const lead = leadOf();
  const shown = facts(['Federation', 'Contributions', 'Quorum', 'Deadline', 'Estimated end', 'Method', 'Led by', 'Model']);
  const injector = facts(['Injector', 'Does', 'Steps', 'Loss']);
  const problem = el('p', { class: 'notice bad', hidden: true });
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
  const running = el('div', {}, el('h2', {}, 'Queue'), queue.element);
  place.append(lead.element, shown.element, el('h2', {}, 'Injector'), injector.element, problem, running, el('h2', {}, 'Servers and members'), members.element);

  async function learn(name) {
    plans.set(name, null);
    try {
      plans.set(name, JSON.parse((await ask('federation', 'plan', { federation: name }))[0].message));
    } catch {
      plans.delete(name);
    }
  }

  return {
    update() {
      const status = page.row('federation');
      queue.update(page.rows('queue'));
      running.hidden = !page.rows('queue').length;
      members.update(page.rows('members'));
      const busy = page.row('injector');
      injector.set('Injector', page.fault('injector') || (busy?.present ? 'here' : 'away'), busy?.present ? 'good' : 'bad');
      injector.set('Does', busy ? `${busy.activity} ${busy.work}`.trim() : '');
      injector.set('Steps', busy?.total ? `${busy.done} of ${busy.total}` : busy?.done || '');
      injector.set('Loss', typeof busy?.loss === 'number' ? busy.loss.toFixed(4) : '');
      say(problem, busy?.problem ?? '');
      problem.hidden = !problem.textContent;
      if (!status) return;
      if (!plans.has(status.federation)) learn(status.federation);
      const now = page.now();
      const rounds = page.rows('rounds');
      const events = page.rows('timeline');
      const round = rounds.find(row => row.round === status.openRound);
      const deadline = deadlineOf(events, plans.get(status.federation));
      const end = endOf(status, rounds, now);
      lead.update(status, round, rounds, waitsFor(status, round, page.rows('clients'), round ? events : []), now);
      shown.set('Federation', status.federation);
      shown.set('Contributions', round ? `${round.accepted} of ${round.invited} counted${round.dropped ? `, ${round.dropped} left out` : ''}` : '');
      shown.set('Quorum', round ? `${round.quorum} of ${round.invited}, ${round.accepted >= round.quorum ? 'reached' : 'not yet'}` : `${status.quorum} of ${(status.invited ?? []).length}`);
      shown.set('Deadline', Number.isFinite(deadline) ? deadline > now ? `${time(deadline, now)}, in ${span(deadline - now)}` : `${time(deadline, now)}, has passed` : '');
      shown.set('Estimated end', Number.isFinite(end) ? `about ${time(end, now)}, in ${span(end - now)}` : isOver(status) ? '' : 'known after the first round');
      shown.set('Method', `${status.method}, ${status.strategy}, seed ${status.seed}`);
      shown.set('Led by', status.coordinator ? `${status.coordinator}, epoch ${status.epoch}` : '');
      shown.set('Model', short(status.globalModel));
    },
  };
}

/** The first thing that is seen: a sentence, the rounds, and what is waited for. */
function leadOf() {
  const sentence = el('p', { class: 'headline', role: 'status' }, 'Reading…');
  const steps = el('div', { class: 'steps', role: 'img' });
  const waits = el('p', { class: 'waits' });
  const cause = el('p', { class: 'notice bad', hidden: true });
  let drawn = 0;

  function progress(status, round, rounds) {
    // Of very many rounds a step stands for several.
    const steply = Math.ceil(status.rounds / 60);
    const wanted = Math.ceil(status.rounds / steply);
    if (drawn !== wanted) steps.replaceChildren(...Array.from({ length: drawn = wanted }, () => el('span', {}, el('span'))));
    const failed = status.phase === 'Failed' ? status.committedRounds + 1 : rounds.find(one => one.phase === 'Failed' && one.round > status.committedRounds)?.round;
    [...steps.children].forEach((step, i) => {
      const [first, last] = [i * steply + 1, Math.min(status.rounds, (i + 1) * steply)];
      const name = last <= status.committedRounds ? 'committed' : failed >= first && failed <= last ? 'failed' : '';
      if (step.className !== name) step.className = name;
      const done = round && round.round >= first && round.round <= last ? doneOf(round) : 0;
      step.firstChild.style.setProperty('--share', `${Math.round(100 * done)}%`);
    });
    steps.setAttribute('aria-label', `${status.committedRounds} of ${count(status.rounds, 'round')} committed`);
  }

  return {
    element: el('section', { class: 'card', 'aria-label': 'Where it stands' }, sentence, steps, waits, cause),
    update(status, round, rounds, waiting, now) {
      say(sentence, headline(status, round));
      progress(status, round, rounds);
      const since = Number.isFinite(waiting.since) ? `, since ${time(waiting.since, now)} (${span(now - waiting.since)})` : '';
      say(waits, waiting.text ? `${waiting.text.replace(/\.$/, '')}${since}.` : '');
      waits.hidden = !waiting.text;
      say(cause, status.cause ?? '');
      cause.hidden = !status.cause;
    },
  };
}

// Half of a round is its contributions, and the rest what follows; nobody knows it better beforehand.
function doneOf(round) {
  const after = { Aggregating: 0.55, Injecting: 0.65, Publishing: 0.95 }[round.phase];
  return after ?? (round.invited ? 0.05 + 0.45 * (round.accepted + round.dropped) / round.invited : 0);
}
