// Whose rules are tried, where one program answers for several accounts.

import { account, everybody } from './api.js';
import { find, make } from './dom.js';

// The page begins anew with another account: talk and stored values belong to one.
export async function startAccounts() {
  const select = find('#accounts');
  select.addEventListener('focus', () => fill(select));
  select.addEventListener('change', () => {
    location.search = `?account=${encodeURIComponent(select.value)}`;
  });
  await fill(select);
}

async function fill(select) {
  try {
    const names = (await everybody()).accounts?.map((one) => one.account) ?? [];
    select.hidden = names.length < 2;
    if (names.join('\n') === [...select.options].map((option) => option.value).join('\n')) return;
    select.replaceChildren(...names.map((name) => make('option', { value: name }, name)));
    select.value = account ?? names[0];
  } catch {
    // The state of the rules says that the server is away.
  }
}
