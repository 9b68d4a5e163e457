// Shortcuts stand in the page: an element with data-keys is clicked (a field: focused) when its keys are pressed. "g p" is one after the other, "ctrl+k" together.
// data-opens and data-closes name the <dialog> that a button opens or closes, at once and without asking the server.
const storageKey = 'genkit-single-keys';
let pending = '';
let pendingSince = 0;
// "/" and what follows, pressed after keys that lead to another page: they are meant for that page, and wait for it.
let coming: ReturnType<typeof setTimeout> | undefined;
let held = '';

function singleKeys(): boolean {
  try {
    return localStorage.getItem(storageKey) !== 'off';
  } catch {
    return true; // storage is off: so is the choice
  }
}

function dialog(id: string | undefined): HTMLDialogElement | null {
  return id ? document.getElementById(id) as HTMLDialogElement | null : null;
}

function pressed(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  return event.ctrlKey || event.metaKey ? `ctrl+${event.shiftKey ? 'shift+' : ''}${key}` : key;
}

function use(keys: string): boolean {
  const target = [...document.querySelectorAll<HTMLElement>(`[data-keys="${CSS.escape(keys)}"]`)]
    .find(element => element.getClientRects().length > 0 && !(element as HTMLButtonElement).disabled);
  if (!target) { return false; }
  if (target instanceof HTMLInputElement) {
    target.focus();
    target.select();
  } else {
    if (target instanceof HTMLAnchorElement && target.pathname !== location.pathname) {
      clearTimeout(coming);
      coming = setTimeout(arrived, 3000);
    }
    target.click();
  }
  return true;
}

function arrived(): void {
  const keys = held;
  clearTimeout(coming);
  [coming, held] = [undefined, ''];
  if (keys && use('/')) { document.execCommand('insertText', false, keys.slice(1)); }
}

document.addEventListener('keydown', event => {
  if (event.altKey && !event.ctrlKey && !event.metaKey && /^Digit\d$/.test(event.code)) {
    if (!document.querySelector('dialog[open], .rz-dialog') && use(`alt+${event.code.slice(5)}`)) { event.preventDefault(); event.stopPropagation(); }
    return;
  }
  if (event.isComposing || event.altKey) { return; }
  const combined = event.ctrlKey || event.metaKey;
  const typing = (event.target as Element | null)?.closest?.('input, textarea, select, [contenteditable], .monaco-editor');
  if (!combined && (typing || document.querySelector('dialog[open]') || !singleKeys())) { return; }
  const key = pressed(event);
  if (coming !== undefined && !combined && (held ? event.key.length === 1 : key === '/')) {
    event.preventDefault();
    event.stopPropagation();
    held += event.key;
    return;
  }
  const follows = !combined && pending && event.timeStamp - pendingSince < 1500;
  if ((follows && use(`${pending} ${key}`)) || use(key)) {
    event.preventDefault();
    event.stopPropagation();
    pending = '';
  } else if (!['shift', 'control', 'meta'].includes(key)) {
    [pending, pendingSince] = [combined ? '' : key, event.timeStamp];
  }
}, { capture: true });

document.addEventListener('click', event => {
  const target = event.target as HTMLElement;
  const opener = target.closest<HTMLElement>('[data-opens]');
  const opened = dialog(opener?.dataset.opens);
  if (opened && !opened.open) {
    for (const box of opened.querySelectorAll<HTMLInputElement>('[data-single-keys]')) { box.checked = singleKeys(); }
    opened.showModal();
    opened.querySelector<HTMLElement>('input:not([type="checkbox"])')?.focus();
  }
  dialog(target.closest<HTMLElement>('[data-closes]')?.dataset.closes)?.close();
  if (target instanceof HTMLDialogElement) { target.close(); } // a click beside the content is a click on the dialog itself
});

document.addEventListener('change', event => {
  const box = event.target as HTMLInputElement;
  if (box.matches?.('[data-single-keys]')) {
    try {
      localStorage.setItem(storageKey, box.checked ? 'on' : 'off');
    } catch { /* storage is off */ }
  }
});

// The arrows move in the list; the caret must stay where it is.
document.addEventListener('keydown', event => {
  if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && (event.target as Element).matches?.('#palette input')) { event.preventDefault(); }
});

(window as any).genkitUi = {
  close: (id: string) => dialog(id)?.close(),
  show: (id: string) => document.getElementById(id)?.scrollIntoView({ block: 'nearest' }),
  /** A new page is there: it gets the keys that were meant for it, or else its heading takes the focus, unless somebody is doing something on it already. */
  arrived: () => {
    arrived();
    if (!document.activeElement?.closest('#main, dialog[open], .rz-dialog')) { document.querySelector('h1')?.focus(); }
  },
  /** Writes a search into the address of a page, unless one has left it. */
  search: (page: string, name: string, text: string) => {
    const address = new URL(location.href);
    if (location.href.split(/[?#]/)[0] !== page || (address.searchParams.get(name) ?? '') === text) { return; }
    if (text) { address.searchParams.set(name, text); } else { address.searchParams.delete(name); }
    (window as any).Blazor.navigateTo(address.href, { replaceHistoryEntry: true });
  },
};
