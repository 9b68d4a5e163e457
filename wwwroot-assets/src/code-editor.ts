import './style-nonce';
import * as monaco from 'monaco-editor/editor';
import 'monaco-editor/features/register.all';
import { attachment, frontmatterEnd, toRange, type LanguageData, type Problem, type RenameAnswer } from './documents';
import { languageId, theme } from './dotprompt-language';

/** The .NET side of an editor. */
interface Owner { invokeMethodAsync(method: string, ...args: unknown[]): Promise<unknown> }

interface Options { value: string; label: string; readOnly: boolean; language: string; storageKey: string | null; savedAt: number; commands: Record<string, string>; formats: boolean; renames: boolean; maximum: number }

(self as any).MonacoEnvironment = { getWorker: () => new Worker(new URL('assets/editor.worker.js', document.baseURI)) };

/** Editors on this page, oldest first; a handle for browser tests and the console. */
const editors: monaco.editor.IStandaloneCodeEditor[] = [];
(window as any).genkitEditors = editors;

const common = (label: string): monaco.editor.IEditorOptions => ({
  ariaLabel: label,
  automaticLayout: true,
  bracketPairColorization: { enabled: false },
  fixedOverflowWidgets: true,
  fontSize: 13,
  lineHeight: 20,
  padding: { top: 10, bottom: 10 },
  renderLineHighlightOnlyWhenFocus: true,
  scrollBeyondLastLine: false,
  smoothScrolling: !matchMedia('(prefers-reduced-motion: reduce)').matches,
  wordWrap: 'on',
});

const severity = { error: monaco.MarkerSeverity.Error, warning: monaco.MarkerSeverity.Warning, info: monaco.MarkerSeverity.Info };

const chords: Record<string, number> = {
  run: monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter,
  publish: monaco.KeyMod.CtrlCmd | monaco.KeyMod.Shift | monaco.KeyCode.Enter,
  save: monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS,
  stop: monaco.KeyMod.CtrlCmd | monaco.KeyCode.Period,
};

export class CodeEditor {
  private readonly editor: monaco.editor.IStandaloneCodeEditor;
  private readonly model: monaco.editor.ITextModel;
  private readonly decorations: monaco.editor.IEditorDecorationsCollection;
  private readonly listeners = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private quiet = false;
  private handedOver = 0;
  private sending: Promise<void> = Promise.resolve();
  private disposed = false;

  constructor(host: HTMLElement, private readonly owner: Owner, private readonly options: Options) {
    const kept = this.kept();
    this.model = monaco.editor.createModel(kept ?? options.value, options.language);
    if (options.formats) { attachment(this.model).format = async text => await owner.invokeMethodAsync('Format', text) as string; }
    if (options.renames) { attachment(this.model).rename = async (...asked) => await owner.invokeMethodAsync('Rename', ...asked) as RenameAnswer; }
    this.model.setEOL(monaco.editor.EndOfLineSequence.LF);
    this.editor = monaco.editor.create(host, {
      ...common(options.label),
      model: this.model,
      theme: theme(),
      readOnly: options.readOnly,
      minimap: { enabled: false },
      tabSize: 2,
      quickSuggestions: { other: true, comments: false, strings: true },
      wordBasedSuggestions: 'off',
      unicodeHighlight: { ambiguousCharacters: false },
      lightbulb: { enabled: monaco.editor.ShowLightbulbIconMode.On },
      stickyScroll: { enabled: false },
      glyphMargin: false,
    });
    this.decorations = this.editor.createDecorationsCollection();
    this.model.onDidChangeContent(() => this.changed());
    this.addActions();
    this.addPageKeys();
    const leaving = () => { if (this.timer !== undefined) { this.keep(); void this.send(); } };
    addEventListener('pagehide', leaving, { signal: this.listeners.signal });
    document.addEventListener('visibilitychange', () => { if (document.hidden) { leaving(); } }, { signal: this.listeners.signal });
    editors.push(this.editor);
    this.decorate();
    this.handedOver = kept === null ? this.model.getVersionId() : 0;
    if (kept !== null) { this.changed(); }
  }

  getValue(): string { return this.model.getValue(); }

  /** The text as it is now with its version; null when it is too long to be sent, which is reported. */
  async flush(): Promise<{ text: string; version: number } | null> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.model.getValueLength() > this.options.maximum) {
      await this.send();
      return null;
    }
    this.handedOver = this.model.getVersionId();
    return { text: this.model.getValue(), version: this.handedOver };
  }

  /** Replaces the text as one undoable edit, without reporting it back. Returns the new version. */
  setValue(text: string): number {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.forget();
    if (text !== this.model.getValue()) {
      this.quiet = true;
      this.editor.pushUndoStop();
      this.model.pushEditOperations(this.editor.getSelections(), [{ range: this.model.getFullModelRange(), text }], () => null);
      this.editor.pushUndoStop();
      this.quiet = false;
      this.decorate();
    }
    this.handedOver = this.model.getVersionId();
    return this.handedOver;
  }

  /** Replaces a text nobody is changing; returns 0 and leaves one that has changes the server does not know yet. */
  follow(text: string): number {
    return this.timer !== undefined || this.handedOver !== this.model.getVersionId() ? 0 : this.setValue(text);
  }

  setLanguageData(data: LanguageData): void { attachment(this.model).data = data; }

  /** Shows problems found in a version of the text; those of an older one are out of date and dropped. */
  setProblems(problems: Problem[], version: number): void {
    if (this.disposed || version < this.model.getVersionId()) { return; }
    attachment(this.model).problems = problems;
    monaco.editor.setModelMarkers(this.model, 'portal', problems.map(problem => ({
      ...toRange(problem.range), severity: severity[problem.severity], message: problem.message, code: problem.code,
    })));
  }

  applyFix(range: Problem['range'], text: string): void {
    this.editor.pushUndoStop();
    this.editor.executeEdits('quick-fix', [{ range: toRange(range), text, forceMoveMarkers: true }]);
    this.editor.pushUndoStop();
    this.editor.focus();
  }

  /** Edits by offsets into a version of the text, as one step for undo; the server has the new text when this answers. False when the text has moved on. */
  async applyEdits(edits: { start: number; end: number; newText: string }[], version: number): Promise<boolean> {
    if (this.disposed || version !== this.model.getVersionId()) { return false; }
    this.editor.pushUndoStop();
    this.model.pushEditOperations(this.editor.getSelections(), edits.map(edit => {
      const [from, to] = [this.model.getPositionAt(edit.start), this.model.getPositionAt(edit.end)];
      return { range: monaco.Range.fromPositions(from, to), text: edit.newText, forceMoveMarkers: true };
    }), () => null);
    this.editor.pushUndoStop();
    await this.send();
    return true;
  }

  async undo(): Promise<void> { this.editor.trigger('page', 'undo', null); await this.send(); }

  async redo(): Promise<void> { this.editor.trigger('page', 'redo', null); await this.send(); }

  async reveal(line: number, column: number): Promise<void> {
    // A view that was hidden is laid out first.
    await new Promise(done => requestAnimationFrame(done));
    this.editor.setPosition({ lineNumber: line, column });
    this.editor.revealPositionInCenterIfOutsideViewport({ lineNumber: line, column });
    this.editor.focus();
  }

  format(): void {
    this.editor.trigger('keyboard', 'editor.action.formatDocument', null);
    this.editor.focus();
  }

  focus(): void { this.editor.focus(); }

  dispose(): void {
    if (this.disposed) { return; }
    if (this.timer !== undefined) { void this.handOver(); }
    this.disposed = true;
    this.listeners.abort();
    editors.splice(editors.indexOf(this.editor), 1);
    this.editor.dispose();
    this.model.dispose();
  }

  private changed(): void {
    if (this.quiet) { return; }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send(), pauseFor(this.model.getValueLength()));
    this.decorate();
  }

  /** One text at a time is on its way: what is typed meanwhile goes with the next, so that a slow server is never behind by more than one. */
  private async send(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const before = this.sending;
    this.sending = (async () => {
      await before;
      if (!this.disposed && this.handedOver < this.model.getVersionId()) { await this.handOver(); }
    })();
    await this.sending;
  }

  private async handOver(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const length = this.model.getValueLength();
    const version = this.model.getVersionId();
    // Kept here until the server has it, over a reload too: a lost connection answers nothing, not even an error.
    this.keep();
    try {
      await answered(length > this.options.maximum
        ? this.owner.invokeMethodAsync('TooLarge', length)
        : this.owner.invokeMethodAsync('TextChanged', this.model.getValue(), version));
      this.handedOver = Math.max(this.handedOver, version);
      if (this.timer === undefined) { this.forget(); }
    } catch {
      if (!this.disposed) { this.timer ??= setTimeout(() => void this.send(), 2000); }
    }
  }

  private async command(name: string): Promise<void> {
    if (this.timer !== undefined) { await this.send(); }
    await this.owner.invokeMethodAsync('CommandGiven', name).catch(() => undefined);
  }

  private addActions(): void {
    for (const [name, label] of Object.entries(this.options.commands)) {
      this.editor.addAction({ id: `genkit.${name}`, label, keybindings: chords[name] ? [chords[name]] : [], run: () => this.command(name) });
    }
    this.editor.addCommand(monaco.KeyMod.Alt | monaco.KeyCode.Enter, () => this.editor.trigger('keyboard', 'editor.action.quickFix', null));
    // The editor's own keys for this differ between systems, and those of Linux are the browser's.
    this.editor.addCommand(monaco.KeyMod.Shift | monaco.KeyMod.Alt | monaco.KeyCode.KeyF, () => this.format());
  }

  /** The same keys anywhere on the page, but not behind a dialog. */
  private addPageKeys(): void {
    document.addEventListener('keydown', event => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector('.rz-dialog') || (event.target as Element).closest?.('.monaco-editor')) { return; }
      const name = event.key === 'Enter' ? (event.shiftKey ? 'publish' : 'run') : event.key === 's' && !event.shiftKey ? 'save' : event.key === '.' ? 'stop' : '';
      if (name in this.options.commands) {
        event.preventDefault();
        // What stands in a field of the form belongs to the text.
        if ((event.target as Element).closest?.('.gp-prompt-form')) { event.target!.dispatchEvent(new Event('change', { bubbles: true })); }
        void this.command(name);
      }
    }, { signal: this.listeners.signal });
  }

  /** Colours the gutter by role. */
  private decorate(): void {
    if (this.options.language !== languageId || this.model.getLineCount() > 20000) { return; }
    const marks: monaco.editor.IModelDeltaDecoration[] = [];
    let role = 'user';
    for (let line = frontmatterEnd(this.model) + 1; line <= this.model.getLineCount(); line++) {
      role = /\{\{~?\s*role\s+["'](system|user|model|tool)["']/.exec(this.model.getLineContent(line))?.[1] ?? role;
      const last = marks.at(-1);
      if (last?.options.linesDecorationsClassName === `gp-role gp-role-${role}`) {
        last.range = new monaco.Range(last.range.startLineNumber, 1, line, 1);
      } else {
        marks.push({ range: new monaco.Range(line, 1, line, 1), options: { isWholeLine: true, linesDecorationsClassName: `gp-role gp-role-${role}` } });
      }
    }
    this.decorations.set(marks);
  }

  private kept(): string | null {
    try {
      const kept = JSON.parse((this.options.storageKey && localStorage.getItem(this.options.storageKey)) || 'null') as { text: string; at: number } | null;
      return kept && kept.at > this.options.savedAt && kept.text !== this.options.value ? kept.text : null;
    } catch {
      return null;
    }
  }

  private keep(): void {
    if (!this.options.storageKey) { return; }
    try {
      localStorage.setItem(this.options.storageKey, JSON.stringify({ text: this.model.getValue(), at: Date.now() }));
    } catch { /* storage is off or full */ }
  }

  private forget(): void {
    try { if (this.options.storageKey) { localStorage.removeItem(this.options.storageKey); } } catch { /* storage is off */ }
  }
}

/** How long to wait for the next key, in milliseconds: long texts take longer to send and to check. */
function pauseFor(length: number): number {
  return Math.min(1000, 40 + length / 4000);
}

/** Fails when a call over the circuit is not answered in time. */
function answered(call: Promise<unknown>): Promise<unknown> {
  return Promise.race([call, new Promise((_, failed) => setTimeout(() => failed(new Error('no answer')), 5000))]);
}

export function create(host: HTMLElement, owner: Owner, options: Options): CodeEditor {
  return new CodeEditor(host, owner, options);
}

export interface Difference { dispose(): void }

export function createDifference(host: HTMLElement, before: string, after: string, label: string, language: string): Difference {
  const original = monaco.editor.createModel(before, language);
  const modified = monaco.editor.createModel(after, language);
  const editor = monaco.editor.createDiffEditor(host, {
    ...common(label), theme: theme(), readOnly: true, originalEditable: false, renderSideBySide: true, useInlineViewWhenSpaceIsLimited: true,
    hideUnchangedRegions: { enabled: true }, minimap: { enabled: false }, renderOverviewRuler: false, originalAriaLabel: `${label}, live`, modifiedAriaLabel: `${label}, draft`,
  });
  editor.setModel({ original, modified });
  editor.getOriginalEditor().updateOptions({ ariaLabel: `${label}, live` });
  editor.getModifiedEditor().updateOptions({ ariaLabel: `${label}, draft` });
  return { dispose() { editor.setModel(null); editor.dispose(); original.dispose(); modified.dispose(); } };
}
