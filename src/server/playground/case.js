// What was tried, as a test to paste into the rule file. The server writes it, so that it passes.

import { writeCase } from './api.js';
import { find } from './dom.js';
import { word } from './words.js';

// Whoever types asks faster than it is answered; only the last answer counts.
let asked = 0;

const form = () => find('#case form');

export function startCase(render) {
  form().addEventListener('input', render);
  form().addEventListener('submit', (event) => event.preventDefault());
  find('#copy').addEventListener('click', copy);
}

// `talk` are all turns of the talk in which the turn was; the first knows what was stored before.
export async function renderCase(turn, talk) {
  find('#copy').disabled = !turn;
  find('#copied').textContent = '';
  find('#yaml').textContent = '';
  if (!turn) return;
  const { scope, name } = Object.fromEntries(new FormData(form()));
  const turns = scope === 'talk' ? talk : [turn];
  const steps = turns.map((each, place) => ({
    send: each.send,
    ...time(each, turns[place - 1]),
    ...(each.answers && { answers: each.answers }),
  }));
  const messages = steps.length > 1 ? { talk: steps } : steps[0];
  asked += 1;
  const mine = asked;
  const yaml = await writeCase({ name, user: turns[0].user, ...messages }).catch((error) => error.message);
  if (mine === asked) find('#yaml').textContent = yaml;
}

// The time of a turn: how much later it is than the one before, or when it is.
function time({ at, passed, answer }, before) {
  if (before && before.at === at && before.passed <= passed) {
    return passed > before.passed ? { later: `${passed - before.passed}s` } : {};
  }
  if (passed > 0) return { at: answer.at };
  return at ? { at } : {};
}

async function copy() {
  const yaml = find('#yaml');
  try {
    await navigator.clipboard.writeText(yaml.textContent);
    find('#copied').textContent = word('copied');
  } catch {
    // Without https, and not on this machine, a browser has no clipboard.
    getSelection().selectAllChildren(yaml);
    find('#copied').textContent = word('not_copied');
  }
}
