// Elements, made of what they hold. Data become text, and never markup.

const svg = 'http://www.w3.org/2000/svg';

/** An element: its attributes, then what it holds, nodes and texts alike. */
export function el(tag, attributes = {}, ...held) {
  return fill(document.createElement(tag), attributes, held);
}

/** The same of a drawing. */
export function draw(tag, attributes = {}, ...held) {
  return fill(document.createElementNS(svg, tag), attributes, held);
}

function fill(element, attributes, held) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...held.flat().filter(one => one !== null && one !== undefined && one !== ''));
  return element;
}

/** Sets a text where it is another: what has not changed a screen reader does not say again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Names and values side by side; set(name, text, class) changes one, and what has no value is not shown. */
export function facts(names) {
  const values = new Map(names.map(name => [name, el('dd')]));
  const list = el('dl', { class: 'facts' }, names.map(name => el('div', { hidden: true }, el('dt', {}, name), values.get(name))));
  return {
    element: list,
    set(name, text, mood = '') {
      const value = values.get(name);
      say(value, String(text ?? ''));
      value.parentNode.hidden = !value.textContent;
      if (value.className !== mood) value.className = mood;
    },
  };
}

/**
 * A table whose rows have keys, so that what is focused stays where it is. A column is { name, of(row) → text, class, mood(row) }. On a narrow screen a row
 * is a card, and its roles are said, since what is shown so is no table for every screen reader; or, of rows to be compared, the table scrolls in its place.
 */
export function table(caption, columns, key, { compared = false } = {}) {
  const body = el('tbody', { role: 'rowgroup' });
  const rows = new Map();
  const head = columns.map(column => el('th', { scope: 'col', role: 'columnheader', class: column.class }, column.name));
  const element = el('div', { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    el('table', { class: compared ? 'compared' : 'rows', role: 'table' }, el('caption', {}, caption), el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, head)), body));
  const made = column => el('td', { role: 'cell', class: column.class, 'data-name': column.name });
  return {
    element,
    update(items) {
      const seen = new Set();
      let place = body.firstChild;
      for (const item of items) {
        const id = String(key(item));
        if (seen.has(id)) continue;
        seen.add(id);
        let row = rows.get(id);
        if (!row) rows.set(id, row = el('tr', { role: 'row' }, columns.map((column, i) => i ? made(column) : el('th', { scope: 'row', role: 'rowheader', class: column.class }))));
        columns.forEach((column, i) => {
          const cell = row.children[i];
          const text = column.of(item);
          say(cell, text === null || text === undefined ? '' : String(text));
          const mood = [column.class, column.mood?.(item)].filter(Boolean).join(' ');
          if (cell.className !== mood) cell.className = mood;
        });
        if (place === row) place = row.nextSibling;
        else body.insertBefore(row, place);
      }
      for (const [id, row] of rows) {
        if (seen.has(id)) continue;
        row.remove();
        rows.delete(id);
      }
    },
  };
}

/** What the signs of a drawing mean: [class, text]; a sign is a bar, a dot or a line. */
export function key(signs) {
  const shapes = {
    bar: name => draw('rect', { width: 20, height: 13, rx: 2, class: name }),
    dot: name => draw('circle', { cx: 10, cy: 6.5, r: 6, class: name }),
    line: name => draw('line', { x1: 10, x2: 10, y1: -2, y2: 15, class: name }),
  };
  return el('ul', { class: 'key' }, signs.map(([shape, name, text]) => el('li', {}, draw('svg', { viewBox: '0 0 20 13', 'aria-hidden': 'true' }, shapes[shape](name)), text)));
}
