// The pretend follower: what is stored of it, and the time by which it lives.

import { Remaining, seconds } from './clock.js';
import { find, make } from './dom.js';
import { word } from './words.js';

let stored = {};
// Seconds that somebody let pass since the time of the field, or since now where it is empty.
let passed = 0;
const remaining = new Remaining();

export const user = () => stored;

// What a turn is to be tried with.
export function circumstances() {
  const at = find('#at').value.replace('T', ' ');
  return { user: stored, passed, ...(at === '' ? {} : { at }) };
}

export function remember(after, expires) {
  stored = after;
  remaining.stored(after, expires);
  renderFollower();
}

export function startFollower(changed, timePassed) {
  find('#store').addEventListener('click', () => {
    find('#stored').append(row('', ''));
    find('#stored').lastChild.querySelector('input').focus();
  });
  find('#forget').addEventListener('click', () => {
    stored = {};
    remaining.forget();
    renderFollower();
    changed();
  });
  find('#at').addEventListener('change', () => { passed = 0; });
  find('#now').addEventListener('click', () => { find('#at').value = ''; passed = 0; });
  find('#pass').addEventListener('click', () => pass(timePassed));
  find('#stored').addEventListener('change', () => read(changed));
  renderFollower();
}

export function renderFollower() {
  const rows = Object.entries(stored).map(([key, value]) => row(key, value));
  find('#stored').replaceChildren(...rows);
}

function pass(timePassed) {
  const field = find('#later');
  const more = seconds(field.value);
  field.setCustomValidity(more > 0 ? '' : word('later_wrong'));
  if (!field.reportValidity()) return;
  passed += more;
  const over = remaining.pass(more);
  stored = Object.fromEntries(Object.entries(stored).filter(([key]) => !over.includes(key)));
  renderFollower();
  timePassed(field.value.trim());
}

function row(key, value) {
  const list = Array.isArray(value);
  const remove = ({ target }) => {
    const rows = target.closest('#stored');
    target.closest('fieldset').remove();
    rows.dispatchEvent(new Event('change'));
    find('#store').focus();
  };
  const text = make('textarea', { name: 'value', rows: list ? String(value.length + 1) : '1' });
  text.value = list ? value.join('\n') : value;
  return make('fieldset', { class: 'stored' },
    make('label', {}, word('key'), make('input', { name: 'key', value: key, autocomplete: 'off' })),
    make('label', {}, word('value'), text),
    make('label', {}, make('input', { type: 'checkbox', name: 'list', checked: list }), word('is_list')),
    make('button', { type: 'button', onclick: remove, 'aria-label': `${word('remove')} ${key}` }, word('remove')));
}

function read(changed) {
  const entries = [...find('#stored').children].map((fields) => {
    const field = (name) => fields.querySelector(`[name=${name}]`);
    const lines = field('value').value.split('\n').filter((line) => line !== '');
    return [field('key').value.trim(), field('list').checked ? lines : field('value').value];
  });
  stored = Object.fromEntries(entries.filter(([key]) => key !== ''));
  remaining.forget();
  changed();
}
