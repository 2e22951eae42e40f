// Numbers and times as people read them.

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dated = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' });

/** A time of this day, or with its day where it is another. */
export function time(at, now = Date.now()) {
  if (!Number.isFinite(at)) return '';
  return Math.abs(now - at) < 12 * 3600e3 ? clock.format(at) : dated.format(at);
}

/** How long, in two units at most. */
export function span(milliseconds) {
  if (!Number.isFinite(milliseconds)) return '';
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

/** A figure to so many places; nothing where there is none, as for a loss that is NaN. */
export function figure(value, places = 3) {
  return typeof value === 'number' && Number.isFinite(value) ? value.toFixed(places) : '';
}

/** Bytes. */
export function bytes(value) {
  if (!Number.isFinite(value)) return '';
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let i = 0;
  while (value >= 1024 && i < units.length - 1) {
    value /= 1024;
    i++;
  }
  return `${i ? value.toFixed(1) : Math.round(value)} ${units[i]}`;
}

/** The first letters of a digest. */
export const short = digest => (digest ?? '').slice(0, 12);

/** A and B; A, B and C; of many the first ones, and how many more. */
export function names(list, most = 4) {
  const shown = list.length > most ? [...list.slice(0, most - 1), `${list.length - most + 1} more`] : list;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** One thing, or so many. */
export const count = (number, thing) => `${number} ${thing}${number === 1 ? '' : 's'}`;
