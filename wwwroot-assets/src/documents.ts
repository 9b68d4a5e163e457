import type * as monaco from 'monaco-editor/editor';

/** What the server knows about the surroundings of a document; shared by completion and hover. */
export interface LanguageData {
  models: Item[];
  tools: Item[];
  partials: Item[];
  variables: Item[];
}

export interface Item {
  name: string;
  detail?: string;
  documentation?: string;
}

export interface Range { startLine: number; startColumn: number; endLine: number; endColumn: number }

export interface Fix { title: string; range: Range; newText: string }

export interface Problem { severity: 'error' | 'warning' | 'info'; code: string; message: string; range: Range; fixes: Fix[] }

export const none: LanguageData = { models: [], tools: [], partials: [], variables: [] };

/** Where a name stands, or why it cannot be renamed. */
export interface RenameAnswer { places: Range[]; refusal: string | null; name: string }

/** The server formats and renames: it alone knows the language whole. */
interface Attached {
  data: LanguageData;
  problems: Problem[];
  format?: (text: string) => Promise<string>;
  rename?: (text: string, line: number, column: number, newName: string | null) => Promise<RenameAnswer>;
}

const attached = new WeakMap<monaco.editor.ITextModel, Attached>();

export function attachment(model: monaco.editor.ITextModel): Attached {
  let found = attached.get(model);
  if (!found) {
    found = { data: none, problems: [] };
    attached.set(model, found);
  }
  return found;
}

/** Line of the closing "---", or 0 when the document has no frontmatter. While it is not closed, everything is frontmatter. */
export function frontmatterEnd(model: monaco.editor.ITextModel): number {
  if (!/^---\s*$/.test(model.getLineContent(1))) { return 0; }
  const last = Math.min(model.getLineCount(), 2000);
  for (let line = 2; line <= last; line++) {
    if (/^---\s*$/.test(model.getLineContent(line))) { return line; }
  }
  return last + 1;
}

export const toRange = (range: Range): monaco.IRange =>
  ({ startLineNumber: range.startLine, startColumn: range.startColumn, endLineNumber: range.endLine, endColumn: range.endColumn });
