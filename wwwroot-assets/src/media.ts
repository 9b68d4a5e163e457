// A file pasted while a drop zone has the focus, or anywhere in the pane of the only one, is chosen in its file field; dropping works by itself, the field covers the zone.
document.addEventListener('paste', event => {
  const files = event.clipboardData?.files;
  if (!files?.length) { return; }
  const focused = (event.target as Element | null)?.closest?.('[data-drop]');
  const zones = focused ? [focused] : [...document.querySelectorAll('[data-drop]')].filter(zone => zone.getClientRects().length > 0);
  const field = zones.length === 1 ? zones[0].querySelector<HTMLInputElement>('input[type="file"]') : null;
  if (field) {
    event.preventDefault();
    field.files = files;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
});
export {};
