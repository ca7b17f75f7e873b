// The page as a whole: what was said so far, and which part of it is shown.

import { startAccounts } from './accounts.js';
import { callService, decide } from './api.js';
import { bubbles, notice } from './bubbles.js';
import { renderCase, startCase } from './case.js';
import { renderKinds, showEnd, startComposer } from './composer.js';
import { find } from './dom.js';
import { circumstances, remember, renderFollower, startFollower } from './follower.js';
import { renderLive, watchRules } from './live.js';
import { renderWhy } from './why.js';
import { otherLanguage, switchLanguage, translate, word } from './words.js';

const wide = matchMedia('(min-width: 56rem)');

// What stands in the chat: turns, and notices as functions that give their text.
const said = [];
let talk = 0;
let unseen = false;
let shown = null;
let sending = Promise.resolve();

// One after the other: each turn begins with what the one before has stored.
function send(message) {
  sending = sending.then(() => take(message));
}

async function take(message) {
  const turn = { send: message, talk, ...circumstances() };
  try {
    turn.answer = await decide(attempt(turn));
    remember(turn.answer.user.after, turn.answer.expires);
    add(turn);
  } catch (error) {
    add({ notice: () => word('failed') + error.message });
  }
}

// A turn as a test without what it expects.
function attempt({ send: message, user, at, passed, answers }) {
  const time = { ...(at && { at }), ...(passed > 0 && { later: `${passed}s` }) };
  return { talk: [{ send: message, ...time, ...(answers && { answers }) }], user };
}

// Asks the service of a turn, which then has its answer instead of the question.
function call(turn) {
  turn.waits = true;
  redraw(turn);
  sending = sending.then(async () => {
    try {
      turn.heard = await callService(attempt(turn));
      turn.answers = turn.heard.answers;
      turn.answer = await decide(attempt(turn));
      if (said.findLast((entry) => entry.answer) === turn) remember(turn.answer.user.after, turn.answer.expires);
    } catch (error) {
      add({ notice: () => word('failed') + error.message });
    }
    turn.waits = false;
    redraw(turn);
  });
}

function redraw(turn) {
  find('#log').replaceChildren(...said.flatMap(lines));
  select(turn);
  showEnd();
}

function add(entry) {
  said.push(entry);
  find('#log').append(...lines(entry, said.length - 1));
  unseen = true;
  showUnseen();
  if (entry.answer) select(entry);
}

// A hidden chat cannot be scrolled: its end is shown when it is.
function showUnseen() {
  if (!unseen || find('#chat').hidden) return;
  unseen = false;
  showEnd();
}

function lines(entry, place) {
  if (entry.notice) return [notice(entry.notice())];
  const previous = said.slice(0, place).findLast(({ answer }) => answer);
  return bubbles(entry, previous, { send, call, why: () => { select(entry); show('why'); } });
}

function select(turn) {
  shown = turn;
  explain();
  if (current() === 'case') showCase();
}

function explain() {
  renderWhy(shown, { again: () => send(shown.send), test: () => show('case') });
}

function showCase() {
  const turns = said.filter((entry) => entry.answer && entry.talk === shown?.talk);
  renderCase(shown, turns);
}

const current = () => find('[aria-current]')?.dataset.view;

function show(view) {
  const chosen = wide.matches && view === 'chat' ? 'why' : view;
  for (const button of document.querySelectorAll('[data-view]')) {
    const section = find(`#${button.dataset.view}`);
    const isChosen = button.dataset.view === chosen;
    button.ariaCurrent = isChosen ? 'true' : null;
    section.hidden = !isChosen && !(wide.matches && section.id === 'chat');
  }
  showUnseen();
  if (chosen === 'case') showCase();
}

function render() {
  translate();
  const language = find('#language');
  language.lang = otherLanguage();
  language.textContent = otherLanguage() === 'zh' ? '中文' : 'English';
  find('#log').replaceChildren(...said.flatMap(lines));
  renderKinds();
  renderFollower();
  renderLive();
  explain();
  if (current() === 'case') showCase();
}

function changed() {
  talk += 1;
  if (said.length > 0) add({ notice: () => word('new_talk') });
}

startAccounts();
startComposer(send);
startFollower(changed, (later) => add({ notice: () => word('passed', later) }));
startCase(showCase);
find('nav').addEventListener('click', ({ target }) => target.dataset.view && show(target.dataset.view));
find('#broken').addEventListener('click', () => show('rules'));
find('#language').addEventListener('click', () => { switchLanguage(); render(); });
wide.addEventListener('change', () => show(wide.matches ? current() ?? 'why' : 'chat'));
render();
show('chat');
watchRules((generation) => add({ notice: () => word('new_rules', generation) }));
