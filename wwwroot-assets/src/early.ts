// The server sends a page twice: as text to look at, and again once it listens, over what is there. What was typed into the first must not be lost with it,
// nor the place where one was typing; and who opened the palette before anybody listened finds it open.
const fields = 'input:not([type="file"], [type="hidden"]), textarea, select';
const page = location.pathname;
const edited = new Map<string, HTMLInputElement>();
let last: HTMLElement | null = null;
let opened: string | null = null;

const listens = () => document.querySelector('[data-interactive="true"]') !== null;

/** Finds the same element again; null for one without a name. */
function selector(element: Element): string | null {
  const of = (name: string) => {
    const value = element.getAttribute(name);
    return value ? `${element.localName}[${name}="${CSS.escape(value)}"]` : null;
  };
  return of('id') ?? of('data-testid') ?? of('name') ?? of('aria-label');
}

function twin(element: Element): HTMLElement | null {
  if (element.isConnected) { return null; }
  const name = selector(element);
  return name ? document.querySelector<HTMLElement>(name) : null;
}

function carry(): void {
  for (const [name, before] of edited) {
    const after = twin(before) as HTMLInputElement | null;
    if (!after) { continue; }
    edited.delete(name);
    if (after.value === before.value && after.checked === before.checked) { continue; } // what went back again is no change
    [after.value, after.checked] = [before.value, before.checked];
    for (const type of ['input', 'change']) { after.dispatchEvent(new Event(type, { bubbles: true })); }
  }
  const place = last && misplaced() ? twin(last) : null;
  if (place) {
    place.focus({ preventScroll: true });
    const [before, after] = [last as HTMLInputElement, place as HTMLInputElement];
    try {
      if (before.selectionStart !== null) { after.setSelectionRange(before.selectionStart, before.selectionEnd); }
    } catch { /* a field without a caret */ }
    last = null;
  }
  if (opened) {
    document.querySelector<HTMLElement>(opened)?.click();
    opened = null;
  }
}

const misplaced = () => last !== null && !last.isConnected && document.activeElement === document.body;

const early = new AbortController();
const on = (type: string, does: (element: HTMLElement) => void) =>
  document.addEventListener(type, event => { if (!listens() && event.target instanceof HTMLElement) { does(event.target); } }, { capture: true, signal: early.signal });
on('focusin', element => { last = element; });
on('input', element => {
  const name = element.matches(fields) && selector(element);
  if (name) { edited.set(name, element as HTMLInputElement); }
});
on('click', element => {
  const opener = element.closest('[data-opens]');
  opened = opener ? selector(opener) : opened;
});
on('close', () => { opened = null; });
const observer = new MutationObserver(() => {
  if (!listens()) { return; }
  if (location.pathname === page) {
    carry();
  } else {
    // What was typed was meant for the page that one has left.
    edited.clear();
    last = null;
  }
  if (!early.signal.aborted) {
    early.abort();
    // What a page shows only after it has looked something up may hold a field too.
    setTimeout(() => observer.disconnect(), 10_000);
  }
  if (edited.size === 0 && !misplaced()) { observer.disconnect(); }
});
observer.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-interactive'] });
