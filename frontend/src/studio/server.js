// Owns the conversation with the server about a draft. Says what came of it in one word; throws nothing.
let token = document.querySelector('meta[name="csrf-token"]')?.content ?? '';

// { outcome: 'ok' | 'conflict' | 'expired' | 'other_account' | 'refused' | 'offline', … }
export async function post(address, body, about) {
  let answer = await send(address, body);
  if (answer && (answer.status === 400 || answer.status === 401)) {
    const again = await renewToken(about);
    if (again !== 'ok') return { outcome: again };
    answer = await send(address, body);
  }
  if (!answer || answer.status >= 500 || answer.status === 429) return { outcome: 'offline' };
  if (answer.status === 401) return { outcome: 'expired' };
  const read = await json(answer);
  if (answer.ok) return { outcome: 'ok', ...read };
  if (answer.status === 409 && typeof read.theirs === 'string') return { outcome: 'conflict', ...read };
  return { outcome: 'refused', message: read.message || read.error || String(answer.status) };
}

export async function get(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: 'application/json' } });
    const read = await json(answer);
    return answer.ok ? { outcome: 'ok', ...(Array.isArray(read) ? { list: read } : read) } : { outcome: answer.status === 401 ? 'expired' : 'refused', message: read.message || '' };
  } catch {
    return { outcome: 'offline', message: '' };
  }
}

async function send(address, body) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token };
  try {
    return await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
  } catch {
    return null;
  }
}

// After a new log-in in another tab the old token is worth nothing; the same person gets a new one.
async function renewToken({ tokenAddress, account }) {
  const found = await get(tokenAddress);
  if (found.outcome !== 'ok') return found.outcome === 'offline' ? 'offline' : 'expired';
  if (found.account !== account) return 'other_account';
  token = found.token;
  return 'ok';
}

async function json(answer) {
  try {
    return await answer.json();
  } catch {
    return {};
  }
}

export async function page(address, body) {
  try {
    const headers = { 'Content-Type': 'application/json', Accept: 'text/html', 'X-CSRFToken': token };
    const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
    return answer.ok || answer.status === 422 ? await answer.text() : null;
  } catch {
    return null;
  }
}
