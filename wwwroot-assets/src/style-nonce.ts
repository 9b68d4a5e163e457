// The editor writes its themes into style elements, which the page's content security policy lets through only with the nonce of this page.
// Imported first, before the editor makes one.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content;
const create = document.createElement.bind(document);
document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const element = create(name, options);
  if (nonce && element instanceof HTMLStyleElement) { element.nonce = nonce; }
  return element;
}) as typeof document.createElement;

export {};
