// The page: which view is shown, what is watched, and who is told what is new.

import { ask } from './ask.js';
import { el, say } from './dom.js';
import { watch } from './stream.js';
import { Rates, Sightings } from './model.js';
import { time } from './words.js';
import * as federation from './views/federation.js';
import * as timeline from './views/timeline.js';
import * as sites from './views/sites.js';
import * as learning from './views/learning.js';
import * as journal from './views/journal.js';
import * as report from './views/report.js';
import * as compare from './views/compare.js';

const views = { federation, timeline, sites, learning, journal, report, compare };
const place = name => document.getElementById(name);

/** What views share. */
const page = {
  stream: null,
  chosen: '',
  names: [],
  sightings: new Sightings(),
  rates: new Rates(),
  rate: new Map(),
  now: () => Date.now() + (page.stream?.skew ?? 0),
  rows: name => page.stream?.answers[name]?.rows ?? [],
  row: name => page.rows(name)[0],
  fault: name => page.stream?.answers[name]?.fault ?? '',
  federation: () => page.chosen || (page.row('federation')?.federation ?? ''),
};

let shown = null;
let asked = 0;
let queued = '';

function questions() {
  const switches = { federation: page.chosen };
  return {
    federation: { palette: 'federation', command: 'show', switches },
    queue: { palette: 'federation', command: 'queue' },
    rounds: { palette: 'round', command: 'list', switches: { ...switches, last: 50 } },
    timeline: { palette: 'round', command: 'timeline', switches },
    clients: { palette: 'client', command: 'list' },
    members: { palette: 'cluster', command: 'show' },
    injector: { palette: 'injector', command: 'show' },
    node: { palette: 'node', command: 'show' },
  };
}

function listen() {
  page.stream?.close();
  page.stream = watch(questions(), told);
}

// A tab that nobody sees takes none of the few connections that a browser has for a server.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) page.stream?.close();
  else listen();
});

function told(name) {
  if (name === 'clients') {
    page.sightings.take(page.rows('clients'), page.now());
    page.rate = page.rates.take(page.rows('clients'), page.now());
  }
  if (name === 'queue') rename();
  later();
}

function later() {
  if (asked) return;
  asked = requestAnimationFrame(() => {
    asked = 0;
    update();
  });
}

function update() {
  const { hello, isOpen, heard } = page.stream;
  say(place('node'), hello?.node ?? '');
  say(place('link'), !hello ? 'Connecting…' : isOpen ? 'live' : `No word from ${hello.node} since ${time(heard)}`);
  say(place('which').options[0], page.chosen || !page.federation() ? 'the latest' : `the latest (${page.federation()})`);
  place('link').className = !hello ? 'pill' : isOpen ? 'pill good' : 'pill bad';
  say(place('fault'), page.fault('federation'));
  place('fault').hidden = !page.fault('federation');
  shown?.update();
}

async function rename() {
  const running = JSON.stringify(page.rows('queue').map(row => [row.federation, row.phase]));
  if (running === queued) return;
  queued = running;
  try {
    page.names = [...new Set((await ask('federation', 'list')).map(row => row.federation))];
  } catch {
    queued = '';
    return;
  }
  const which = place('which');
  which.replaceChildren(el('option', { value: '' }, 'the latest'), ...page.names.map(name => el('option', { value: name }, name)));
  which.value = page.chosen;
  shown?.renamed?.();
}

function show(focus) {
  const name = location.hash.slice(1) in views ? location.hash.slice(1) : 'federation';
  const view = views[name];
  shown?.end?.();
  place('view').replaceChildren();
  say(place('title'), view.title);
  document.title = `${view.title} – FedKim`;
  for (const link of place('views').querySelectorAll('a')) {
    if (link.hash === `#${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  shown = view.open(place('view'), page);
  shown.update();
  if (!focus) return;
  place('main').focus({ preventScroll: true });
  scrollTo(0, 0);
}

place('views').append(...Object.entries(views).map(([name, view]) => el('li', {}, el('a', { href: `#${name}` }, view.title))));
place('which').addEventListener('change', event => {
  page.chosen = event.target.value;
  listen();
  show(false);
});
addEventListener('hashchange', event => {
  if (new URL(event.newURL).hash !== '#main') show(true);
});
setInterval(later, 1000);
listen();
show(false);
