// On a map the arrow keys go along the edges, at once and without asking the server: each node names its neighbours. One node is in the tab order, the last that had the focus.
const directions: Record<string, 'left' | 'right' | 'up' | 'down'> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' };

function node(target: EventTarget | null): HTMLElement | null {
  return (target as Element | null)?.closest?.<HTMLElement>('[data-map] .gp-map-node') ?? null;
}

document.addEventListener('keydown', event => {
  const from = node(event.target);
  const direction = directions[event.key];
  if (!from || !direction || event.ctrlKey || event.metaKey || event.altKey) { return; }
  event.preventDefault();
  const to = document.getElementById(from.dataset[direction] ?? '');
  to?.focus({ preventScroll: true });
  to?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
});

document.addEventListener('focusin', event => {
  const to = node(event.target);
  if (!to) { return; }
  for (const other of to.closest('[data-map]')!.querySelectorAll<HTMLElement>('.gp-map-node[tabindex="0"]')) { other.tabIndex = -1; }
  to.tabIndex = 0;
});

// What does not fit is panned: the background is dragged, the wheel and the scroll bars work as everywhere.
document.addEventListener('pointerdown', event => {
  const map = (event.target as Element | null)?.closest?.<HTMLElement>('[data-map]');
  if (!map || event.button !== 0 || event.pointerType !== 'mouse' || node(event.target)) { return; }
  const [x, y, left, top] = [event.clientX, event.clientY, map.scrollLeft, map.scrollTop];
  const press = new AbortController();
  const end = () => {
    delete map.dataset.panning;
    press.abort();
  };
  const move = (to: PointerEvent) => {
    if (to.buttons === 0) { // it was let go where nobody saw it
      end();
      return;
    }
    map.dataset.panning = '';
    map.scrollLeft = left - (to.clientX - x);
    map.scrollTop = top - (to.clientY - y);
  };
  document.addEventListener('pointermove', move, { signal: press.signal });
  document.addEventListener('pointerup', end, { signal: press.signal });
  document.addEventListener('pointercancel', end, { signal: press.signal });
});
