// Panes whose width people choose: <div role="separator" data-splitter="name" data-side="before|after" data-min data-max> sets --gp-pane-name, kept in this browser.
// Drag, or the arrow keys; double click or Home gives back the usual width. F6 goes to the next pane.
const prefix = 'genkit-pane-';
const step = 16;

function store(name: string, width: number | null): void {
  try {
    if (width === null) { localStorage.removeItem(prefix + name); } else { localStorage.setItem(prefix + name, String(width)); }
  } catch { /* storage is off: the width lasts as long as the page */ }
  apply(name, width);
}

function apply(name: string, width: number | null): void {
  const { style } = document.documentElement;
  if (width === null) { style.removeProperty(`--gp-pane-${name}`); } else { style.setProperty(`--gp-pane-${name}`, `${width}px`); }
}

function pane(splitter: HTMLElement): HTMLElement {
  return (splitter.dataset.side === 'after' ? splitter.nextElementSibling : splitter.previousElementSibling) as HTMLElement;
}

function resize(splitter: HTMLElement, width: number): void {
  const bounded = Math.round(Math.min(Math.max(width, Number(splitter.dataset.min)), Number(splitter.dataset.max)));
  store(splitter.dataset.splitter!, bounded);
  splitter.setAttribute('aria-valuenow', String(bounded));
}

const splitterOf = (event: Event) => (event.target as Element | null)?.closest?.<HTMLElement>('[data-splitter]') ?? null;

document.addEventListener('pointerdown', event => {
  const splitter = splitterOf(event);
  if (!splitter || event.button !== 0) { return; }
  const [from, width, direction] = [event.clientX, pane(splitter).getBoundingClientRect().width, splitter.dataset.side === 'after' ? -1 : 1];
  const move = (moved: PointerEvent) => resize(splitter, width + direction * (moved.clientX - from));
  const end = () => {
    splitter.removeEventListener('pointermove', move);
    splitter.removeEventListener('lostpointercapture', end);
  };
  splitter.setPointerCapture(event.pointerId);
  splitter.addEventListener('pointermove', move);
  splitter.addEventListener('lostpointercapture', end);
});

document.addEventListener('dblclick', event => {
  const splitter = splitterOf(event);
  if (splitter) { store(splitter.dataset.splitter!, null); }
});

document.addEventListener('keydown', event => {
  const splitter = splitterOf(event);
  const direction = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
  if (splitter && direction !== 0) {
    event.preventDefault();
    resize(splitter, pane(splitter).getBoundingClientRect().width + (splitter.dataset.side === 'after' ? -direction : direction) * step);
  } else if (splitter && event.key === 'Home') {
    event.preventDefault();
    store(splitter.dataset.splitter!, null);
  } else if (event.key === 'F6' && !event.ctrlKey && !event.altKey) {
    nextPane(event);
  }
}, { capture: true });

function nextPane(event: KeyboardEvent): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(candidate => candidate.getClientRects().length > 0);
  if (panes.length === 0 || document.querySelector('dialog[open], .rz-dialog')) { return; }
  event.preventDefault();
  event.stopPropagation();
  const current = panes.findIndex(candidate => candidate.contains(document.activeElement));
  const next = panes[(current + (event.shiftKey ? panes.length - 1 : 1) + (current < 0 && event.shiftKey ? 1 : 0)) % panes.length];
  const editor = next.querySelector<HTMLElement>('.monaco-editor textarea, .monaco-editor .native-edit-context');
  const first = editor?.closest('.monaco-editor')?.getClientRects().length ? editor : next.querySelector<HTMLElement>('textarea, [contenteditable="true"], input, select, button, a[href], [tabindex="0"]');
  (first ?? next).focus();
}

try {
  for (const key of Object.keys(localStorage).filter(candidate => candidate.startsWith(prefix))) {
    const width = Number(localStorage.getItem(key));
    if (Number.isFinite(width) && width > 0) { apply(key.slice(prefix.length), width); }
  }
} catch { /* storage is off */ }
