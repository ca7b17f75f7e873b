// Where a message is put together: a text, or any other message or event.

import { find, make } from './dom.js';
import { kinds, message, unread } from './kinds.js';
import { word } from './words.js';

export function startComposer(send) {
  const text = find('#text');
  find('#say').addEventListener('submit', (event) => {
    event.preventDefault();
    if (text.value !== '') send(text.value);
    text.value = '';
    grow(text);
  });
  text.addEventListener('input', () => grow(text));
  text.addEventListener('keydown', (event) => {
    // A key that ends the writing of a Chinese word is not the end of the message; Safari tells
    // it only by this number.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || composing) return;
    event.preventDefault();
    find('#say').requestSubmit();
  });
  find('#more').addEventListener('click', () => unfold(find('#other').hidden));
  find('#elements').addEventListener('submit', (event) => {
    event.preventDefault();
    const { kind } = event.target.dataset;
    const { elements: more, ...values } = Object.fromEntries(new FormData(event.target));
    send(message(kind, values, more));
    unfold(false);
    text.focus();
  });
  find('#other').addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    unfold(false);
    find('#more').focus();
  });
  renderKinds();
}

// In the language of the moment.
export function renderKinds() {
  const button = (kind) => make('button', { type: 'button', onclick: () => ask(kind) }, word(`kind_${kind}`));
  find('#kinds').replaceChildren(...Object.keys(kinds).map(button));
  const form = find('#elements');
  if (!form.hidden) ask(form.dataset.kind);
}

function unfold(open) {
  find('#other').hidden = !open;
  find('#more').setAttribute('aria-expanded', String(open));
  find('#elements').hidden = true;
  find('#kinds').hidden = false;
  if (open) find('#kinds button').focus();
  showEnd();
}

function ask(kind) {
  const form = find('#elements');
  const field = ([name, value]) => make('label', {}, make('span', { lang: 'en' }, name), make('input', { name, value, autocomplete: 'off' }));
  const more = make('label', {}, word('elements'), make('textarea', { name: 'elements', rows: '2', oninput: judge }));
  form.dataset.kind = kind;
  form.setAttribute('aria-label', word(`kind_${kind}`));
  form.replaceChildren(
    make('h3', {}, word(`kind_${kind}`)),
    ...Object.entries(kinds[kind].ask).map(field),
    more,
    make('p', {},
      make('button', { class: 'main' }, word('send')), ' ',
      make('button', { type: 'button', onclick: () => unfold(true) }, word('back'))));
  form.hidden = false;
  find('#kinds').hidden = true;
  form.querySelector('input, textarea').focus();
  showEnd();
}

// The browser does not send a form with such a line, and says why.
function judge({ target }) {
  const line = unread(target.value);
  target.setCustomValidity(line === undefined ? '' : word('not_read', line));
}

// What was said last stays in sight, however much room is left for it.
export function showEnd() {
  find('#log').scrollTop = find('#log').scrollHeight;
}

function grow(text) {
  text.rows = Math.min(text.value.split('\n').length, 5);
}
