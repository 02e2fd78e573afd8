/**
 * A script that runs in the GraphiQL page before GraphiQL itself. It
 *
 * - asks once for an access token when the server requires one, and sends it with every request. The token is that of the monitor page in
 *   the same tab (session storage), or of another open tab (a broadcast channel);
 * - removes the name of an operation that is not in the document: for a moment after a change of the tab, GraphiQL sends the name of the
 *   tab before, with which the server refuses the request;
 * - replaces `LAST_JOB` in an operation with the id of the job that was started last in this tab, else of the newest job.
 */
export const BROWSER_SCRIPT = String.raw`(() => {
  const TOKEN = 'trainyard.token';
  const JOB = 'trainyard.last-job';
  const PLACEHOLDER = 'LAST_JOB';
  const send = window.fetch.bind(window);
  const channel = new BroadcastChannel(TOKEN);

  channel.addEventListener('message', ({ data }) => {
    const token = sessionStorage.getItem(TOKEN);
    if (data === 'ASK' && token !== null) channel.postMessage({ token });
  });

  /** The token of another open tab; null if none has one. */
  function tokenOfOtherTab() {
    return new Promise((resolve) => {
      const end = (token) => {
        channel.removeEventListener('message', onMessage);
        resolve(token);
      };
      const onMessage = ({ data }) => typeof data?.token === 'string' && end(data.token);
      channel.addEventListener('message', onMessage);
      channel.postMessage('ASK');
      setTimeout(() => end(null), 200);
    });
  }

  /** Asks the user; null if the user cancels. */
  function tokenOfUser(isWrong) {
    return new Promise((resolve) => {
      const dialog = document.createElement('dialog');
      dialog.style.cssText = 'margin:auto;padding:24px;border-radius:8px;border:1px solid #888;font:16px sans-serif';
      dialog.innerHTML =
        '<form><p style="margin:0 0 12px">This server needs an access token.</p>' +
        (isWrong ? '<p role="alert" style="margin:0 0 12px;color:#b3261e">The server does not accept this token.</p>' : '') +
        '<label>Access token<br><input name="token" type="password" autocomplete="current-password" required ' +
        'style="margin:4px 0 12px;padding:6px;width:280px;font:inherit"></label><br>' +
        '<button style="padding:6px 12px;font:inherit">Sign in</button> ' +
        '<button type="button" style="padding:6px 12px;font:inherit">Cancel</button></form>';
      const form = dialog.querySelector('form');
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        const token = form.elements.namedItem('token').value.trim();
        if (token !== '') end(token);
      });
      form.querySelector('button[type=button]').addEventListener('click', () => end(null));
      dialog.addEventListener('cancel', () => end(null));
      const end = (token) => {
        dialog.remove();
        resolve(token);
      };
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  /** One question for all requests that wait for a token. */
  let asking;
  function findToken(rejected) {
    asking ??= (async () => {
      const known = sessionStorage.getItem(TOKEN);
      if (known !== null && known !== rejected) return known;
      const token = (rejected === null ? await tokenOfOtherTab() : null) ?? (await tokenOfUser(rejected !== null));
      if (token !== null) sessionStorage.setItem(TOKEN, token);
      return token;
    })().finally(() => (asking = undefined));
    return asking;
  }

  async function sendWithToken(input, init) {
    const headers = new Headers(init.headers);
    // The user may write an authorization in the editor for headers.
    const isOwn = headers.has('authorization');
    for (let token = sessionStorage.getItem(TOKEN); ; ) {
      if (token !== null && !isOwn) headers.set('authorization', 'Bearer ' + token);
      const response = await send(input, { ...init, headers });
      if (response.status !== 401 || isOwn) return response;
      token = await findToken(token);
      if (token === null) return response;
    }
  }

  async function lastJob(endpoint, init) {
    const started = sessionStorage.getItem(JOB);
    if (started !== null) return started;
    const body = JSON.stringify({ query: '{ jobs(first: 1) { edges { node { id } } } }' });
    const { headers, credentials } = init;
    const response = await sendWithToken(endpoint, {
      method: 'POST',
      headers: { ...headers, accept: 'application/json', 'content-type': 'application/json' },
      credentials,
      body,
    });
    const { data } = await response.json();
    return data?.jobs.edges[0]?.node.id ?? PLACEHOLDER;
  }

  /** Whether a document has an operation of this name. */
  function defines(query, name) {
    return new RegExp('(query|mutation|subscription)\\s+' + name + '\\b').test(query);
  }

  function withoutOtherName(body) {
    const { operationName, query, ...rest } = JSON.parse(body);
    return !operationName || defines(query, operationName) ? body : JSON.stringify({ query, ...rest });
  }

  function addressWithoutOtherName(address) {
    const url = new URL(address, location.href);
    const name = url.searchParams.get('operationName');
    if (name && !defines(url.searchParams.get('query') ?? '', name)) url.searchParams.delete('operationName');
    return url.href;
  }

  window.fetch = async (input, init = {}) => {
    let { body } = init;
    // A subscription is a GET, whose operation is in the address.
    let address = addressWithoutOtherName(String(input));
    if (typeof body === 'string') body = withoutOtherName(body);
    if (address.includes(PLACEHOLDER) || (typeof body === 'string' && body.includes(PLACEHOLDER))) {
      const id = await lastJob(address.replace(/\?.*/, ''), init);
      address = address.replaceAll(PLACEHOLDER, id);
      if (typeof body === 'string') body = body.replaceAll(PLACEHOLDER, id);
    }
    const response = await sendWithToken(address, body === undefined ? init : { ...init, body });
    if (response.ok && typeof body === 'string' && body.includes('startTraining')) {
      const id = /"id":"(job_\d+_[0-9a-f]{8})"/.exec(await response.clone().text())?.[1];
      if (id !== undefined) sessionStorage.setItem(JOB, id);
    }
    return response;
  };
})();`;
