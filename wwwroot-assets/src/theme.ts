// Runs before the first paint, so that a dark page never flashes white. Also the few browser services that need no module.
import './early';
import './keys';
import './media';
import './map';
import './panes';
import './time-zone';

type Theme = 'light' | 'dark';

const key = 'genkit-theme';
const preference = matchMedia('(prefers-color-scheme: dark)');

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    return null; // storage is off: the theme follows the system
  }
}

function current(): Theme {
  return stored() ?? (preference.matches ? 'dark' : 'light');
}

function apply(): void {
  const theme = current();
  document.documentElement.dataset.theme = theme;
  for (const name of ['light', 'dark']) {
    const link = document.getElementById(`radzen-${name}`) as HTMLLinkElement | null;
    if (link) { link.media = name === theme ? 'all' : 'not all'; }
  }
  document.dispatchEvent(new CustomEvent('genkit-theme', { detail: theme }));
}

function toggle(): void {
  try {
    localStorage.setItem(key, document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
  } catch {
    return;
  }
  apply();
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

apply();
preference.addEventListener('change', apply);
addEventListener('storage', event => { if (event.key === key) { apply(); } });
(window as any).genkitTheme = { toggle, current, copy };

// Menus made of <details> close on Escape and on a click elsewhere.
document.addEventListener('click', event => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.gp-menu[open]')) {
    if (!menu.contains(event.target as Node) || (event.target as Element).closest('.gp-menu-panel a, .gp-menu-panel button')) { menu.open = false; }
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.gp-menu[open]')) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
    }
  }
});

// A page whose connection is gone for good begins anew as soon as the server answers; drafts and runs are there, and unsent text is kept by the editor.
document.addEventListener('DOMContentLoaded', () => {
  const modal = document.getElementById('components-reconnect-modal');
  if (!modal) { return; }
  let waiting = false;
  new MutationObserver(() => {
    if (!waiting && /components-reconnect-(failed|rejected)/.test(modal.className)) {
      waiting = true;
      void reloadWhenBack();
    }
  }).observe(modal, { attributes: true, attributeFilter: ['class'] });
});

async function reloadWhenBack(): Promise<void> {
  for (;;) {
    try {
      if ((await fetch('/healthz', { cache: 'no-store' })).ok) { break; }
    } catch { /* not yet */ }
    await new Promise(done => setTimeout(done, 1500));
  }
  location.reload();
}
