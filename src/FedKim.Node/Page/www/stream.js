// What is watched: one stream of server-sent events for all that the page shows.

import { given } from './ask.js';

// The server says something every two seconds.
const SilentFor = 4000;
const TryAgain = 1000;
const GiveUp = 8000;

/** Takes what is new of an answer into what was there: rows by their place. A server that has just begun knows none yet; those that it told before stay. */
export function merge(before, news) {
  if (news.fault && !news.count && before) return { ...before, fault: news.fault };
  const rows = (before?.rows ?? []).slice(0, news.count);
  for (const [place, row] of Object.entries(news.rows)) rows[Number(place)] = row;
  return { rows, fault: news.fault, at: Date.now() };
}

/**
 * Watches commands, { name: { palette, command, switches } }, and tells told(name) what has changed in answers, or that the link has.
 * Returns { answers, hello, isOpen, close() }.
 */
export function watch(questions, told) {
  const names = Object.keys(questions);
  const query = names.map(name => `ask=${encodeURIComponent(JSON.stringify({ ...questions[name], switches: given(questions[name].switches ?? {}) }))}`).join('&');
  const state = { answers: {}, hello: null, isOpen: false, heard: 0, skew: 0, close };
  let source = null;
  let again = 0;
  let began = 0;
  const guard = setInterval(() => {
    if (state.isOpen ? Date.now() - state.heard > SilentFor : Date.now() - began > GiveUp) lost();
  }, 500);

  function open() {
    clearTimeout(again);
    began = Date.now();
    source = new EventSource(`/commands/watch?${query}`);
    source.addEventListener('hello', event => {
      heard();
      state.hello = JSON.parse(event.data);
      state.skew = state.hello.now - Date.now();
      told('hello');
    });
    source.addEventListener('answer', event => {
      heard();
      const news = JSON.parse(event.data);
      const name = names[news.ask];
      state.answers[name] = merge(state.answers[name], news);
      told(name);
    });
    source.addEventListener('beat', heard);
    source.addEventListener('error', lost);
  }

  function heard() {
    state.heard = Date.now();
    if (state.isOpen) return;
    state.isOpen = true;
    told('link');
  }

  // Begun anew by hand: a browser gives up where the answer is an error, as while a server starts.
  function lost() {
    source?.close();
    clearTimeout(again);
    began = Date.now();
    again = setTimeout(open, TryAgain);
    if (!state.isOpen) return;
    state.isOpen = false;
    told('link');
  }

  function close() {
    clearInterval(guard);
    clearTimeout(again);
    source?.close();
  }

  open();
  return state;
}
