// Commands: the same that pbm gives, and the same answers.

/** Runs a command; its rows. Throws an error whose message is the node's own sentence. */
export async function ask(palette, command, switches = {}) {
  let answer;
  try {
    answer = await fetch('/commands', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ palette, command, switches: given(switches) }), credentials: 'same-origin',
    });
  } catch {
    throw new Error('The server does not answer.');
  }
  const lines = (await answer.text()).split('\n').filter(line => line.length > 0);
  let rows;
  try {
    rows = lines.map(line => JSON.parse(line));
  } catch {
    // A door that lets nobody in says so in plain words.
    throw new Error(lines[0] ?? `The server answered ${answer.status}.`);
  }
  const broken = rows.at(-1)?.error;
  if (broken && typeof broken === 'object') throw new Error(broken.message);
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return rows;
}

/** Switches that have a value, as texts. */
export function given(switches) {
  return Object.fromEntries(Object.entries(switches).filter(([, value]) => value !== '' && value !== null && value !== undefined).map(([name, value]) => [name, String(value)]));
}
