// A text as WeChat shows it: line breaks, links that may be followed, and menu links that send
// their words when they are tapped. Everything else stays the text that it is.

import { make } from './dom.js';

const LINK = /<a\s([^<>]*)>([^<]*)<\/a>|(https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+)/gi;
const HREF = /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i;
const MENU = 'weixin://bizmsgmenu?';

export function marked(text, onMenu) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(LINK)) {
    const [whole, attributes, label, address] = found;
    nodes.push(text.slice(end, found.index));
    nodes.push(address ? follow(address, address) : anchor(whole, attributes, label, onMenu));
    end = found.index + whole.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

function anchor(whole, attributes, label, onMenu) {
  const href = attributes.match(HREF)?.slice(1).find((part) => part !== undefined);
  if (href === undefined) return whole;
  return href.startsWith(MENU) ? menu(href, label, onMenu) : follow(href, label);
}

// Only to the web: what would run as a script stays text.
export function follow(address, label) {
  const scheme = URL.canParse(address) ? new URL(address).protocol : '';
  if (scheme !== 'http:' && scheme !== 'https:') return label;
  return make('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, label);
}

function menu(href, label, onMenu) {
  const query = new URLSearchParams(href.slice(MENU.length));
  const send = { type: 'text', content: query.get('msgmenucontent') ?? label, menu: query.get('msgmenuid') ?? '' };
  return make('button', { type: 'button', class: 'link', onclick: () => onMenu(send) }, label);
}
