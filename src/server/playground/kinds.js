// What a follower may send beside a text: each kind with its elements and what stands in them.

export const kinds = {
  image: { always: { type: 'image' }, ask: { media_id: 'M1', pic_url: '' } },
  voice: { always: { type: 'voice' }, ask: { media_id: 'V1', recognition: '' } },
  video: { always: { type: 'video' }, ask: { media_id: 'V1', thumb_media_id: '' } },
  location: {
    always: { type: 'location' },
    ask: { location_x: '23.134521', location_y: '113.358803', label: '广州市海珠区' },
  },
  link: { always: { type: 'link' }, ask: { title: '', description: '', url: 'https://example.com/' } },
  click: { always: { event: 'CLICK' }, ask: { key: '' } },
  scan: { always: { event: 'SCAN' }, ask: { scene: '' } },
  subscribe: { always: { event: 'subscribe' }, ask: { scene: '' } },
  unsubscribe: { always: { event: 'unsubscribe' }, ask: {} },
  custom: { always: {}, ask: {} },
};

// Whoever writes Chinese may write the wide sign.
const PAIR = /^([^=＝]*[^=＝\s][^=＝]*)[=＝](.*)$/;

const written = (text) => text.split('\n').filter((line) => line.trim() !== '');

// The lines that are written like name=value.
function pairs(text) {
  const found = written(text).map((line) => line.match(PAIR)).filter((match) => match !== null);
  return Object.fromEntries(found.map(([, name, value]) => [name.trim(), value.trim()]));
}

// The first line that is not.
export const unread = (text) => written(text).find((line) => !PAIR.test(line));

// What a kind sends: elements that were left empty are not sent.
export function message(kind, values, more) {
  const given = Object.entries(values).filter(([, value]) => value !== '');
  return { ...kinds[kind].always, ...Object.fromEntries(given), ...pairs(more) };
}
