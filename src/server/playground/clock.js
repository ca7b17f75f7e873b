// The time by which the pretend follower lives: time that somebody lets pass, and what of the
// stored values is over then.

const UNITS = { s: 1, m: 60, h: 3600, d: 86400 };

// Seconds of a length of time written as in a rule file; NaN for what is none.
export function seconds(text) {
  const [, number, unit] = /^\s*(\d{1,6})\s*([smhd])\s*$/.exec(text) ?? [];
  return number > 0 ? number * UNITS[unit] : NaN;
}

// What is left of the time that values are kept, by key.
export class Remaining {
  #left = new Map();

  // `expires` has the keys that were just stored, with seconds or null for ever.
  stored(after, expires) {
    for (const [key, left] of Object.entries(expires)) {
      if (left === null) this.#left.delete(key);
      else this.#left.set(key, left);
    }
    for (const key of this.#left.keys()) if (!(key in after)) this.#left.delete(key);
  }

  forget() {
    this.#left.clear();
  }

  // The keys that are over when so much time has passed.
  pass(passed) {
    const over = [];
    for (const [key, left] of this.#left) {
      if (left <= passed) over.push(key);
      else this.#left.set(key, left - passed);
    }
    over.forEach((key) => this.#left.delete(key));
    return over;
  }
}
