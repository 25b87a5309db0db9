// What happens, told to whoever deals with it: the server's changes and what the page's own parts ask of each other.

const listeners = new Map();

export const on = (event, listener) => listeners.set(event, listener);

export const emit = (event, about = {}) => listeners.get(event)(about);
