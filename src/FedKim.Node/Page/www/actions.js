// What an operator may change, each with a question first.

import { ask } from './ask.js';
import { el, say } from './dom.js';

const kinds = {
  pause: { command: 'federation pause', word: 'Pause', text: name => `Federation ${name} begins nothing more until it is resumed. What sites train for it now still counts.` },
  resume: { command: 'federation resume', word: 'Resume', text: name => `Federation ${name} tries again what it failed at, with all that was accepted.` },
  stop: { command: 'federation stop', word: 'Stop', text: name => `Federation ${name} is given up, and its open round with it. That cannot be undone.`, grave: true },
  drain: { command: 'client drain', word: 'Drain', text: site => `${site} finishes its round, and is asked no more until it is resumed.` },
  back: { command: 'client resume', word: 'Ask again', text: site => `${site} takes part again from the next round on.` },
};

/** Asks the person; whether the answer was yes. */
function sure(title, text, word, grave) {
  const dialog = document.getElementById('question');
  const yes = document.getElementById('question-yes');
  say(document.getElementById('question-title'), title);
  say(document.getElementById('question-text'), text);
  say(yes, word);
  yes.className = grave ? 'danger' : '';
  dialog.returnValue = 'no';
  yes.onclick = () => dialog.close('yes');
  document.getElementById('question-no').onclick = () => dialog.close('no');
  dialog.showModal();
  return new Promise(answered => dialog.addEventListener('close', () => answered(dialog.returnValue === 'yes'), { once: true }));
}

/** A button for a change, hidden for those who may not make it. */
export function button(kind, page, { about, federation }) {
  const change = kinds[kind];
  const element = el('button', {
    type: 'button', class: change.grave ? 'danger' : null,
    on: {
      click: async () => {
        const name = about();
        if (!name || !await sure(`${change.word} ${name}?`, change.text(name), change.word, change.grave)) return;
        const [palette, command] = change.command.split(' ');
        const switches = palette === 'client' ? { site: name, federation: federation() } : { federation: name };
        try {
          page.tell((await ask(palette, command, switches))[0]?.message ?? 'Done.');
        } catch (error) {
          page.tell(error.message);
        }
      },
    },
  }, change.word);
  return {
    element,
    show(isMeant) {
      element.hidden = !(isMeant && page.stream.hello?.mayChange && page.commands.has(change.command));
    },
  };
}
