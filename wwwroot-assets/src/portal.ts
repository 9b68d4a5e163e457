export function focus(selector: string): void { document.querySelector<HTMLElement>(selector)?.focus(); }
