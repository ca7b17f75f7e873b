// Why a turn was answered as it was.

import { find, make } from './dom.js';
import { translated, word } from './words.js';

// `actions.again` sends the same once more, `actions.test` shows it as a test.
export function renderWhy(turn, actions) {
  const parts = turn ? explained(turn, actions) : [make('p', {}, word('nothing_yet'))];
  find('#why').replaceChildren(...parts);
}

function explained({ send, answer, heard }, { again, test }) {
  const cut = answer.shortfall !== null;
  const button = (label, onclick) => make('button', { type: 'button', onclick }, word(label));
  return [
    make('dl', {},
      ...row('rule', rule(answer)),
      ...row('at', answer.at),
      ...row('sent', code(send)),
      ...row('captures', pairs(answer.captures)),
      ...(answer.question ? asked(answer, heard) : []),
      ...row('stores', list(translated(answer, 'changes'))),
      ...row('stored_before', pairs(answer.user.before)),
      ...row('stored_after', answer.changes.length > 0 ? pairs(answer.user.after) : null),
      ...row('reply', code(answer.reply)),
      ...row('shortfall', cut ? make('div', {}, make('p', {}, translated(answer, 'shortfall')), code(answer.sent)) : null)),
    make('p', {}, button('again', again), ' ', heard ? button('as_test', test) : null),
    make('h2', {}, word('passed_over')),
    ...passedOver(answer),
  ];
}

function asked({ question: { service, url, request } }, heard) {
  const seconds = heard && word('seconds', (heard.milliseconds / 1000).toFixed(1));
  return [
    ...row('asks', make('div', {}, service, ...(url ? [' ', make('code', { class: 'long' }, url)] : []), ' ', code(request))),
    ...row('heard', heard && code(heard.answers[service])),
    ...row('took', heard && seconds),
    ...row('no_answer', heard?.why ? `${translated(heard, 'why')}${word('stop')}${translated(heard, 'help')}` : null),
  ];
}

function row(key, content) {
  return (content ?? null) === null ? [] : [make('dt', {}, word(key)), make('dd', {}, content)];
}

function rule({ rule: name, place }) {
  if (name === null) return word('no_rule');
  const where = `${place.file}:${place.line}:${place.column}`;
  return make('span', {}, make('strong', {}, name), ' ', make('code', {}, where));
}

function code(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 1).replace(/\n */g, ' ');
  return make('code', { class: 'long' }, text);
}

function pairs(object) {
  const lines = Object.entries(object).map(([key, value]) => `${key}: ${[value].flat().join('、')}`);
  return list(lines);
}

function list(lines) {
  if (lines.length === 0) return null;
  return make('ul', {}, ...lines.map((line) => make('li', {}, make('code', { class: 'long' }, line))));
}

function passedOver({ passed_over: passed, passed_over_left_off: leftOff }) {
  if (passed.length === 0) return [make('p', {}, word('none_passed_over'))];
  const item = (miss) => make('li', {}, make('strong', {}, miss.rule), ' ', translated(miss, 'why'));
  const more = leftOff > 0 ? [make('p', {}, word('left_off') + leftOff)] : [];
  return [make('ol', { class: 'passed' }, ...passed.map(item)), ...more];
}
