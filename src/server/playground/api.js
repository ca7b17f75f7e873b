// What the page asks the server for.

async function answer(response) {
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  const body = isJson ? await response.json() : await response.text();
  if (response.ok || response.status === 503) return body;
  throw new Error(body.error ?? `${response.status} ${response.statusText}`);
}

// None where there is only one.
export const account = new URLSearchParams(location.search).get('account');

const of = (path) => (account === null ? path : `${path}?account=${encodeURIComponent(account)}`);

const languages = () => ({ 'accept-language': document.documentElement.lang });

const get = async (path) => answer(await fetch(of(path), { headers: languages() }));

const post = async (path, question) => answer(await fetch(of(path), {
  method: 'POST',
  headers: { 'content-type': 'application/json', ...languages() },
  body: JSON.stringify(question),
}));

export const everybody = async () => answer(await fetch('/readyz'));
export const readiness = async () => {
  const page = await get('/readyz');
  return page.accounts?.[0] ?? page;
};
export const ruleList = () => get('/rules');
export const warnings = () => get('/warnings');
export const decide = (attempt) => post('/try', attempt);
export const callService = (attempt) => post('/ask', attempt);
export const writeCase = (attempt) => post('/case', attempt);
