// What the page works out from answers. Nothing here touches the page.

import { names } from './words.js';

export const at = text => Date.parse(text);

const finished = phase => phase === 'Committed';

export function median(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (!sorted.length) return NaN;
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** When the federation ends, if its next rounds last as its last ones did; NaN before one is committed, and where none is to come. */
export function endOf(status, rounds, now) {
  const usual = median(rounds.filter(round => finished(round.phase)).slice(-5).map(round => round.milliseconds));
  const left = status.rounds - status.committedRounds;
  if (!Number.isFinite(usual) || left <= 0 || isOver(status)) return NaN;
  const open = rounds.find(round => round.round === status.openRound);
  return now + Math.max(0, usual - (open?.milliseconds ?? 0)) + (left - 1) * usual;
}

export const isOver = status => ['Completed', 'Failed', 'Stopped', 'Cancelled'].includes(status?.phase);

const stage = {
  Opened: 'is being opened', Training: 'trains at its sites', Aggregating: 'is being summed', Injecting: 'is being injected', Publishing: 'is being published',
  Committed: 'is committed', Failed: 'has failed',
};

/** Where a federation stands, in a sentence. */
export function headline(status, round) {
  const all = `${status.rounds} round${status.rounds === 1 ? '' : 's'}`;
  switch (status.phase) {
    case 'Idle': return 'Nothing is submitted yet.';
    case 'Queued': return `It waits for its turn, at place ${status.place} of ${status.queued}.`;
    case 'Initializing': return 'The injector makes the first model.';
    case 'Evaluating': return 'All rounds are committed; the model is being measured.';
    case 'Completed': return `Completed: ${all}, and the model is measured.`;
    case 'Failed': return `Failed after ${status.committedRounds} of ${all}.`;
    case 'Stopped': return `Stopped after ${status.committedRounds} of ${all}.`;
    default: {
      const stands = round ? `Round ${round.round} of ${status.rounds} ${stage[round.phase] ?? round.phase}.` : `${status.committedRounds} of ${all} committed.`;
      return status.paused ? `Paused. ${stands}` : stands;
    }
  }
}

/** What a federation waits for, and since when: { text, since }; without a text where it has ended. */
export function waitsFor(status, round, clients, events) {
  if (isOver(status)) return { text: '', since: NaN };
  const last = events.at(-1);
  const since = kind => at(events.findLast(event => event.kind === kind)?.time);
  if (status.waiting) return { text: status.waiting[0].toUpperCase() + status.waiting.slice(1), since: at(last?.time) };
  switch (round?.phase) {
    case 'Training': {
      const open = clients.filter(client => client.standing === 'awaited');
      const away = open.filter(client => !client.present || client.silent);
      const who = open.length ? names(open.map(client => client.client)) : 'contributions';
      return { text: `Waits for ${who}${away.length ? ` (not heard: ${names(away.map(client => client.client))})` : ''}`, since: since('TrainingStarted') };
    }
    case 'Aggregating': return { text: 'Waits for the sum of the updates', since: since('CollectionClosed') };
    case 'Injecting': return { text: 'Waits for the injector', since: since('AggregateComputed') };
    case 'Publishing': return { text: 'Waits for the publication of the model', since: since('Injected') };
    default: return { text: '', since: NaN };
  }
}

/** The times in which an operator had a round paused: { from, to, text }; one that goes on has no end yet. */
export function pausesOf(events) {
  const pauses = [];
  for (const event of events) {
    if (event.kind === 'Paused') pauses.push({ from: at(event.time), to: NaN, text: event.event });
    else if (event.kind === 'Continued' && pauses.length) pauses.at(-1).to = at(event.time);
  }
  return pauses;
}

/** When the round can pass its deadline; NaN where it does not train, and while it is paused, which does not count. */
export function deadlineOf(events, plan) {
  const last = events.findLast(event => ['TrainingStarted', 'CollectionClosed', 'Reopened', 'Failed', 'Committed'].includes(event.kind));
  if (!last || !['TrainingStarted', 'Reopened'].includes(last.kind) || !plan?.deadlineSeconds) return NaN;
  const began = at(last.time);
  const paused = pausesOf(events).filter(pause => !(pause.to <= began)).reduce((sum, pause) => sum + pause.to - Math.max(pause.from, began), 0);
  return began + plan.deadlineSeconds * 1000 + paused;
}

const MostRounds = 50;

/**
 * What each site did when, as this page saw it: the journal holds when a contribution counted, and not when its site fetched or trained. Kept as long as
 * the page is open.
 */
export class Sightings {
  #rounds = new Map();
  #last = new Map();

  /** Takes what sites do now. */
  take(clients, now) {
    for (const client of clients) {
      const before = this.#last.get(client.client);
      const doing = client.present && !client.silent ? client.activity : 'away';
      const round = doing === 'away' ? before?.round ?? '' : client.round;
      if (before?.doing === doing && before.round === round) continue;
      if (before) before.to = now;
      const seen = { doing, round, from: now, to: null };
      this.#last.set(client.client, seen);
      if (round) this.#of(round, client.client).push(seen);
    }
  }

  /** What a site did in a round, FEDERATION/NUMBER. */
  of(round, site) {
    return this.#rounds.get(round)?.get(site) ?? [];
  }

  #of(round, site) {
    if (!this.#rounds.has(round)) {
      this.#rounds.set(round, new Map());
      if (this.#rounds.size > MostRounds) this.#rounds.delete(this.#rounds.keys().next().value);
    }
    const sites = this.#rounds.get(round);
    if (!sites.has(site)) sites.set(site, []);
    return sites.get(site);
  }
}

const stages = ['fetching', 'training', 'sending', 'away'];

/** A round as lanes: a site each, then the sum, the injection and the publication; marks and pauses lie across all. */
export function lanesOf(events, sites, seenOf, now) {
  if (!events.length) return { from: now, to: now, lanes: [], marks: [], pauses: [] };
  const ended = ['Committed', 'Failed'].includes(events.at(-1).kind);
  const from = at(events[0].time);
  const to = Math.max(ended ? at(events.at(-1).time) : now, from + 1000);
  const when = kind => at(events.find(event => event.kind === kind)?.time);
  const begun = Number.isFinite(when('TrainingStarted')) ? when('TrainingStarted') : from;
  const closed = Number.isFinite(when('CollectionClosed')) ? when('CollectionClosed') : to;
  const outcomes = ['ContributionAccepted', 'ClientDropped'];
  const named = [...new Set([...sites, ...events.filter(event => outcomes.includes(event.kind)).map(event => event.site)])].sort();
  const lanes = named.map(site => {
    const outcome = events.findLast(event => event.site === site && outcomes.includes(event.kind));
    const end = outcome ? at(outcome.time) : closed;
    const bars = [{ kind: 'work', from: begun, to: end, text: 'asked' }];
    for (const seen of seenOf(site)) {
      const [a, b] = [Math.max(seen.from, begun), Math.min(seen.to ?? to, end)];
      if (stages.includes(seen.doing) && b > a) bars.push({ kind: seen.doing, from: a, to: b, text: seen.doing });
    }
    const points = outcome ? [{ kind: outcome.kind === 'ContributionAccepted' ? 'counted' : 'dropped', at: end, text: outcome.event }] : [];
    return { name: site, bars, points };
  });
  for (const [name, start, end] of [['sum', 'CollectionClosed', 'AggregateComputed'], ['injection', 'AggregateComputed', 'Injected'], ['publication', 'Injected', 'Committed']]) {
    const [a, b] = [when(start), when(end)];
    const bars = Number.isFinite(a) ? [{ kind: 'stage', from: a, to: Number.isFinite(b) ? b : to, text: name }] : [];
    const broken = name === 'injection' ? events.filter(event => event.kind === 'InjectionFailed') : [];
    lanes.push({ name, bars, points: broken.map(event => ({ kind: 'dropped', at: at(event.time), text: event.event })) });
  }
  const marks = events.filter(event => ['TakenOver', 'Reopened', 'Failed'].includes(event.kind)).map(event => ({ kind: event.kind, at: at(event.time), text: event.event }));
  const pauses = pausesOf(events).map(pause => ({ ...pause, to: Number.isFinite(pause.to) ? pause.to : to }));
  return { from, to, lanes, marks, pauses };
}

/** How fast a site sends or fetches, bytes a second, from two looks; NaN where it does neither. */
export class Rates {
  #last = new Map();

  take(clients, now) {
    const rates = new Map();
    for (const client of clients) {
      const before = this.#last.get(client.client);
      const moves = ['fetching', 'sending'].includes(client.activity);
      if (!moves) {
        this.#last.delete(client.client);
        continue;
      }
      if (!before || before.activity !== client.activity || before.round !== client.round || client.done < before.done) {
        this.#last.set(client.client, { activity: client.activity, round: client.round, done: client.done, at: now, rate: NaN });
      } else if (client.done > before.done && now - before.at >= 500) {
        const rate = (client.done - before.done) * 1000 / (now - before.at);
        this.#last.set(client.client, { activity: client.activity, round: client.round, done: client.done, at: now, rate });
      }
      rates.set(client.client, this.#last.get(client.client).rate);
    }
    return rates;
  }
}

/** Losses by round: { rounds, series: [{ name, values }] }. Of many sites the median, the least and the greatest. */
export function lossesOf(rows, most = 8) {
  const rounds = [...new Set(rows.map(row => row.round))].sort((a, b) => a - b);
  const value = loss => typeof loss === 'number' ? loss : null;
  const sites = [...new Set(rows.filter(row => row.of === 'site').map(row => row.site))].sort();
  const of = (round, site) => value(rows.find(row => row.round === round && row.of === 'site' && row.site === site)?.loss);
  const all = round => rows.filter(row => row.round === round && row.of === 'site' && typeof row.loss === 'number').map(row => row.loss);
  const orNull = number => Number.isFinite(number) ? number : null;
  const series = sites.length <= most
    ? sites.map(site => ({ name: site, values: rounds.map(round => of(round, site)) }))
    : [
      { name: `least of ${sites.length} sites`, values: rounds.map(round => orNull(Math.min(...all(round)))) },
      { name: 'median', values: rounds.map(round => orNull(median(all(round)))) },
      { name: 'greatest', values: rounds.map(round => orNull(Math.max(...all(round)))) },
    ];
  const injection = rounds.map(round => value(rows.find(row => row.round === round && row.of === 'injection')?.loss));
  if (injection.some(one => one !== null)) series.push({ name: 'injection', values: injection, dashed: true });
  return { rounds, series };
}

/** The figure that a task is told by, and its name: AUROC, or BLEU of generated answers. */
export const mainFigure = task => typeof task.bleu === 'number' ? ['BLEU-1', task.bleu] : ['AUROC', task.auroc];
