import { expect, JSHandle, Page } from '@playwright/test';

/** The editor of the prompt that the address names, once it is there: while one goes from prompt to prompt there may be none, or still the one before. */
function editorOf(page: Page): Promise<JSHandle<any>> {
  return page.waitForFunction(() => {
    const name = decodeURIComponent(/\/prompts\/([^/]+)/.exec(location.pathname)?.[1] ?? '');
    const editors = ((window as any).genkitEditors ?? []) as any[];
    return editors.find(editor => editor.getModel() && editor.getDomNode()?.isConnected && editor.getRawOptions().ariaLabel === `Source of prompt ${name}`);
  });
}

/** The text of the editor. */
export const source = async (page: Page) => await (await editorOf(page)).evaluate(editor => editor.getValue() as string);

/** Waits until the text of the editor is, or matches, or holds that. */
export async function expectSource(page: Page, expected: string | RegExp) {
  await editorOf(page);
  const value = expect.poll(() => source(page));
  await (typeof expected === 'string' ? value.toContain(expected) : value.toMatch(expected));
}

/** Writes another text over the whole, as if it had been pasted. */
export const setSource = async (page: Page, text: string) => (await editorOf(page)).evaluate((editor, value) => editor.getModel().setValue(value), text);

/** Replaces words as one undoable edit, once they are there. */
export async function replaceInEditor(page: Page, find: string, replacement: string) {
  await expectSource(page, find);
  await (await editorOf(page)).evaluate((editor, [from, to]) => {
    const [match] = editor.getModel().findMatches(from, false, false, true, null, false);
    editor.executeEdits('test', [{ range: match.range, text: to, forceMoveMarkers: true }]);
  }, [find, replacement]);
}

/** Replaces the last line. */
export const endWith = async (page: Page, words: string) => (await editorOf(page)).evaluate((editor, line) => {
  const model = editor.getModel();
  const last = model.getLineCount();
  editor.executeEdits('test', [{ range: { startLineNumber: last, startColumn: 1, endLineNumber: last, endColumn: model.getLineMaxColumn(last) }, text: line }]);
}, words);

/** Adds a line below the last one. */
export const append = async (page: Page, words: string) => (await editorOf(page)).evaluate((editor, line) => {
  const model = editor.getModel();
  const [last, column] = [model.getLineCount(), model.getLineMaxColumn(model.getLineCount())];
  editor.executeEdits('test', [{ range: { startLineNumber: last, startColumn: column, endLineNumber: last, endColumn: column }, text: `\n${line}` }]);
}, words);

/** Gives the editor the focus, with the caret so many characters behind the beginning of the words; behind their end by default. */
export async function placeCaret(page: Page, words: string, offset = words.length) {
  await expectSource(page, words);
  await (await editorOf(page)).evaluate((editor, [text, by]) => {
    const [match] = editor.getModel().findMatches(text, false, false, true, null, false);
    editor.focus();
    editor.setPosition({ lineNumber: match.range.startLineNumber, column: match.range.startColumn + by });
  }, [words, offset] as const);
}

/** Gives a command of the editor's own palette, by the keyboard. */
export async function command(page: Page, title: string) {
  await (await editorOf(page)).evaluate(editor => editor.focus());
  await page.keyboard.press('F1');
  await expect(page.locator('.quick-input-widget input').first()).toBeFocused();
  await page.keyboard.type(title);
  await expect(page.locator('.quick-input-list .monaco-list-row.focused')).toContainText(title);
  await page.keyboard.press('Enter');
}
