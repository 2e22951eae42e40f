// What the page works out from answers. Nothing here touches the page.

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

/** When the round's present phase began to be able to pass its deadline; NaN where it does not train. */
export function deadlineOf(events, plan) {
  const last = events.findLast(event => ['TrainingStarted', 'CollectionClosed', 'Reopened', 'Failed', 'Committed'].includes(event.kind));
  return last && ['TrainingStarted', 'Reopened'].includes(last.kind) && plan?.deadlineSeconds ? at(last.time) + plan.deadlineSeconds * 1000 : NaN;
}

/**
 * What each site did when, as this page saw it: the journal holds when a contribution counted, and not when its site fetched or trained. Kept as long as
 * the page is open.
 */
export class Sightings {
  #round = '';
  #sites = new Map();

  /** Takes what sites do now. */
  take(round, clients, now) {
    if (this.#round !== round) {
      this.#round = round;
      this.#sites.clear();
    }
    for (const client of clients) {
      const doing = client.present && !client.silent ? client.activity : 'away';
      const seen = this.#sites.get(client.client) ?? [];
      const last = seen.at(-1);
      if (last?.doing !== doing) {
        if (last) last.to = now;
        seen.push({ doing, from: now, to: null });
      }
      this.#sites.set(client.client, seen);
    }
  }

  of(site) {
    return this.#sites.get(site) ?? [];
  }
}

const stages = ['fetching', 'training', 'sending'];

/** A round as lanes: a site each, then the sum, the injection and the publication; marks lie across all. */
export function lanesOf(events, sites, sightings, now) {
  if (!events.length) return { from: now, to: now, lanes: [], marks: [] };
  const times = events.map(event => at(event.time));
  const ended = ['Committed', 'Failed'].includes(events.at(-1).kind);
  const from = times[0];
  const to = Math.max(ended ? times.at(-1) : now, from + 1000);
  const first = kind => events.find(event => event.kind === kind);
  const when = kind => first(kind) ? at(first(kind).time) : NaN;
  const begun = Number.isFinite(when('TrainingStarted')) ? when('TrainingStarted') : from;
  const named = [...new Set([...sites, ...events.filter(event => ['ContributionAccepted', 'ClientDropped'].includes(event.kind)).map(event => event.site)])].sort();
  const lanes = named.map(site => {
    const outcome = events.findLast(event => event.site === site && ['ContributionAccepted', 'ClientDropped'].includes(event.kind));
    const end = outcome ? at(outcome.time) : to;
    const bars = [{ kind: 'work', from: begun, to: end, text: outcome ? '' : 'is asked' }];
    for (const seen of ended ? [] : sightings.of(site)) {
      if (!stages.includes(seen.doing)) continue;
      const [a, b] = [Math.max(seen.from, begun), Math.min(seen.to ?? to, end)];
      if (b > a) bars.push({ kind: seen.doing, from: a, to: b, text: seen.doing });
    }
    const points = outcome ? [{ kind: outcome.kind === 'ContributionAccepted' ? 'counted' : 'dropped', at: end, text: outcome.event }] : [];
    return { name: site, bars, points };
  });
  for (const [name, kind, start, end] of [
    ['sum', 'aggregating', 'CollectionClosed', 'AggregateComputed'], ['injection', 'injecting', 'AggregateComputed', 'Injected'], ['publication', 'publishing', 'Injected', 'Committed'],
  ]) {
    const a = when(start);
    const b = when(end);
    const bars = Number.isFinite(a) ? [{ kind, from: a, to: Number.isFinite(b) ? b : to, text: name }] : [];
    const points = kind === 'injecting' ? events.filter(event => event.kind === 'InjectionFailed').map(event => ({ kind: 'dropped', at: at(event.time), text: event.event })) : [];
    lanes.push({ name, bars, points });
  }
  const marks = events.filter(event => ['TakenOver', 'Reopened', 'Failed'].includes(event.kind)).map(event => ({ kind: event.kind, at: at(event.time), text: event.event }));
  return { from, to, lanes, marks };
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
