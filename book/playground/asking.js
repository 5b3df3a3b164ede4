/* The page's side of the worker, which is asked for one thing at a time. */

import work from "./worker.js" with { type: "text" };

/** What those learn who wait for something when something else is asked for. */
export const STOPPED = Symbol("stopped");

/** Starts a worker; returns how it is asked, and how it is ended. `told` takes each `point` that is read in training, and
    the `state` that an answer brings. */
export function engage(told) {
  const source = URL.createObjectURL(new Blob([work], { type: "text/javascript" }));
  const worker = new Worker(source);
  let task = 0, waiting = null;

  function settle(how, value) {
    const { [how]: end } = waiting;
    waiting = null;
    end(value);
  }

  /* Asks the worker for something, in place of what it is doing: who waits for that learns that it was stopped. */
  function ask(command, given = {}) {
    if (waiting) settle("reject", STOPPED);
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      worker.postMessage({ task: ++task, command, ...given });
    });
  }

  worker.onmessage = ({ data: message }) => {
    if (message.task !== task || !waiting) return;
    if (message.point) told.point(message.point);
    else if (message.failure) settle("reject", message.failure);
    else {
      if (message.state) told.state(message.state);
      settle("resolve");
    }
  };
  worker.onerror = (event) => { if (waiting) settle("reject", event.message || "no worker could be started"); };

  function end() {
    worker.terminate();
    URL.revokeObjectURL(source);
  }

  return { ask, end };
}
