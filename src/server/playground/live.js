// Which rules are live, how often each has answered, and why the files are refused, if they are.

import { readiness, ruleList, warnings } from './api.js';
import { find, make } from './dom.js';
import { word } from './words.js';

const SECOND = 1000;

let last = null;
let listed = '';
let warned = '';

// Asks again and again; `replaced` hears of each new generation.
export function watchRules(replaced) {
  const look = async () => {
    if (!document.hidden) await update(replaced);
    setTimeout(look, SECOND);
  };
  look();
}

async function update(replaced) {
  try {
    const before = last;
    last = await readiness();
    if (before?.generation !== undefined && before.generation !== last.generation) replaced(last.generation);
    if (JSON.stringify(before) !== JSON.stringify(last)) renderLive();
    if (find('#rules').hidden) return;
    await renderAnswers();
    await renderWarnings();
  } catch {
    last = {};
    say(find('#live'), word('away'));
  }
}

export function renderLive() {
  if (last?.generation === undefined) return;
  const { generation, rules, loaded_at: since, last_reload_error: error } = last;
  say(find('#live'), word('live', generation, rules));
  say(find('#generation'), word('live_since', generation, rules, clock(since)));
  find('#broken').hidden = error === null;
  const diagnostics = error === null ? [] : [make('p', {}, word('broken_help')), make('pre', { tabindex: '0' }, error)];
  find('#diagnostics').replaceChildren(...diagnostics);
}

// By the clock of whoever looks, which need not be that of the rules: so its zone is named.
function clock(time) {
  return new Date(time).toLocaleString(document.documentElement.lang, { timeZoneName: 'short' });
}

async function renderAnswers() {
  const list = await ruleList();
  if (JSON.stringify(list) === listed) return;
  listed = JSON.stringify(list);
  const { rules, left_off: leftOff } = list;
  const row = ({ name, answers }) => make('tr', {}, make('td', {}, name), make('td', {}, String(answers ?? '–')));
  find('#answers').replaceChildren(...rules.map(row));
  find('#leftOff').textContent = leftOff > 0 ? word('left_off') + leftOff : '';
}

async function renderWarnings() {
  const now = `${last.hash} ${document.documentElement.lang}`;
  if (warned === now) return;
  warned = now;
  const text = await warnings();
  find('#warnings').replaceChildren(...(text === '' ? [] : [make('pre', { tabindex: '0' }, text)]));
}

// What is said anew is read out anew.
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
