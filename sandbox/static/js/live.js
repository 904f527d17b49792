const RETRY_MS = 1000;

/**
 * Follow what happens to `people` until the returned function is called.
 * `onOpen` is called at each (re)connection: whatever happened before it must be fetched anew.
 */
export function follow(people, { onOpen, onLost, onEvent }) {
  let source;
  let timer;

  function connect() {
    const address = `${window.location.origin.replace(/^http/, 'ws')}/client/events?people=${people.join(',')}`;
    source = new WebSocket(address);
    source.addEventListener('open', onOpen);
    source.addEventListener('close', lost);
    source.addEventListener('message', (event) => onEvent(...JSON.parse(event.data)));
  }

  function lost() {
    onLost();
    timer = setTimeout(connect, RETRY_MS);
  }

  function stop() {
    clearTimeout(timer);
    source.removeEventListener('close', lost);
    source.close();
  }

  connect();
  return stop;
}
