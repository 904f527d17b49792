const EVENTS = ['message', 'edited', 'deleted', 'toast', 'chat'];
const RETRY_MS = 1000;

/**
 * Follow what happens to `people` until the returned function is called.
 * `onOpen` is called at each (re)connection: whatever happened before it must be fetched anew.
 */
export function follow(people, { onOpen, onLost, onEvent }) {
  let source;
  let timer;

  function connect() {
    source = new EventSource(`/client/events?people=${people.join(',')}`);
    source.addEventListener('open', onOpen);
    source.addEventListener('error', lost);
    for (const type of EVENTS) {
      source.addEventListener(type, (event) => onEvent(type, JSON.parse(event.data)));
    }
  }

  // Browsers wait longer, and after an HTTP error do not reconnect at all.
  function lost() {
    source.close();
    onLost();
    timer = setTimeout(connect, RETRY_MS);
  }

  function stop() {
    clearTimeout(timer);
    source.close();
  }

  connect();
  return stop;
}
