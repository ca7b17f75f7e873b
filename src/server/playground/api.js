// What the page asks the server for.

async function answer(response) {
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  const body = isJson ? await response.json() : await response.text();
  if (response.ok || response.status === 503) return body;
  throw new Error(body.error ?? `${response.status} ${response.statusText}`);
}

const get = async (path) => answer(await fetch(path));

const post = async (path, question) => answer(await fetch(path, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(question),
}));

export const readiness = () => get('/readyz');
export const ruleList = () => get('/rules');
export const warnings = () => get('/warnings');
export const decide = (attempt) => post('/try', attempt);
export const writeCase = (attempt) => post('/case', attempt);
