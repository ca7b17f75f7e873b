// What was said, as WeChat would show it.

import { make } from './dom.js';
import { follow, marked } from './marked.js';
import { translated, word } from './words.js';

const MINUTES_BETWEEN_TIMES = 5;

// `actions.why` shows why a turn was answered so; `actions.send` sends what a link stands for.
export function bubbles(turn, previous, actions) {
  return [time(turn, previous), sent(turn.send), ...answer(turn, actions), why(turn, actions)];
}

export const notice = (text) => make('p', { class: 'notice' }, text);

function time(turn, previous) {
  const moment = (of) => new Date(of.answer.at.replace(' ', 'T'));
  const passed = previous ? Math.abs(moment(turn) - moment(previous)) / 60000 : Infinity;
  return passed < MINUTES_BETWEEN_TIMES ? '' : make('p', { class: 'notice' }, turn.answer.at.slice(0, 16));
}

function sent(send) {
  if (typeof send === 'string') return says('follower', send);
  if (send.event) return notice(`${word('event')} ${Object.values(send).join(' ')}`);
  if (send.content !== undefined) return says('follower', send.content);
  const { type, ...rest } = send;
  return says('follower', card(type, Object.values(rest)));
}

function answer({ answer: said }, actions) {
  const { sent: reply, question } = said;
  const shortfall = translated(said, 'shortfall');
  if (question) return [notice(`${word('asks')}: ${question.service}`)];
  const warning = shortfall ? [make('p', { class: 'notice cut' }, shortfall)] : [];
  return [replied(reply, actions), ...warning];
}

function replied(reply, actions) {
  if (reply === 'success') return notice(word('silence'));
  if (reply === 'transfer_customer_service') return notice(word('transfer'));
  const [[kind, value]] = Object.entries(reply);
  if (kind === 'transfer_customer_service') return notice(`${word('transfer')}: ${value}`);
  if (kind === 'text') return says('account', ...marked(value, actions.send));
  if (kind === 'news') return says('account', news(value));
  return says('account', card(kind, typeof value === 'string' ? [value] : Object.values(value)));
}

function why({ answer: { rule } }, actions) {
  const label = word('why_rule', rule ?? word('no_rule'));
  return make('p', { class: 'notice rule' }, make('button', { type: 'button', class: 'link', onclick: actions.why }, label));
}

function says(who, ...content) {
  const speaker = make('span', { class: 'hidden' }, word(`${who}_says`));
  const avatar = make('span', { class: 'avatar', 'aria-hidden': 'true' });
  const bubble = make('div', { class: 'bubble' }, speaker, ...content);
  return make('div', { class: `says ${who}` }, avatar, bubble);
}

function card(kind, details) {
  const title = word(`kind_${kind}`) ?? kind;
  return make('div', { class: `card ${kind}` },
    make('span', { class: 'picture', 'aria-hidden': 'true' }),
    make('strong', {}, title),
    ...details.map((detail) => make('span', {}, detail)));
}

function news(articles) {
  const article = ({ title, description, url }) => make('li', {},
    make('span', { class: 'picture', 'aria-hidden': 'true' }),
    make('strong', {}, follow(url ?? '', title)),
    description ? make('span', {}, description) : null);
  return make('ul', { class: articles.length > 1 ? 'news several' : 'news' }, ...articles.map(article));
}
