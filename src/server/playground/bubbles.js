// What was said, as WeChat would show it.

import { make } from './dom.js';
import { follow, marked } from './marked.js';
import { translated, word } from './words.js';

const MINUTES_BETWEEN_TIMES = 5;

// `actions.why` shows why a turn was answered so; `actions.send` sends what a link stands for;
// `actions.call` asks the service that the turn leads to.
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

function answer(turn, actions) {
  const { sent: reply, question } = turn.answer;
  const shortfall = translated(turn.answer, 'shortfall');
  if (question && !turn.heard) return [asks(turn, actions)];
  const warning = shortfall ? [make('p', { class: 'notice cut' }, shortfall)] : [];
  const heard = turn.heard ? [notice(tookTime(turn))] : [];
  return [...heard, replied(reply, actions), ...warning];
}

function asks(turn, { call }) {
  const { service, live } = turn.answer.question;
  if (turn.waits) return notice(word('waits', service));
  const button = live ? make('button', { class: 'call', type: 'button', onclick: () => call(turn) }, word('call')) : null;
  return make('p', { class: 'notice' }, `${word('asks')}: ${service} `, button);
}

export function tookTime({ answer: { question }, heard }) {
  return word(heard.why === null ? 'answered' : 'unanswered', question.service, (heard.milliseconds / 1000).toFixed(1));
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
