import * as monaco from 'monaco-editor/editor';
import { attachment, frontmatterEnd, toRange, type Item, type LanguageData } from './documents';

interface Word { name: string; insert?: string; docs: string }

const kinds = monaco.languages.CompletionItemKind;

const topKeys: Word[] = [
  { name: 'model', insert: 'model: ', docs: 'Model that answers, as `provider/model`.' },
  { name: 'description', insert: 'description: ', docs: 'What the prompt is for, in a sentence.' },
  { name: 'config', insert: 'config:\n  temperature: ${1:0.7}', docs: 'Settings of the model, such as `temperature` and `maxOutputTokens`.' },
  { name: 'input', insert: 'input:\n  schema:\n    ${1:name}: ${2:string}', docs: 'Variables of the template: `schema` (Picoschema or JSON Schema) and `default` values.' },
  { name: 'output', insert: 'output:\n  format: ${1:json}\n  schema:\n    ${2:answer}: ${3:string}', docs: 'Shape of the answer: `format` and `schema`.' },
  { name: 'tools', insert: 'tools:\n  - ', docs: 'Names of the tools the model may call.' },
  { name: 'name', insert: 'name: ', docs: 'Name of the prompt.' },
  { name: 'variant', insert: 'variant: ', docs: 'Variant of a prompt of the same name.' },
];
const configKeys: Word[] = [
  { name: 'temperature', docs: 'Randomness, 0 (focused) to 2 (varied), depending on the model.' },
  { name: 'maxOutputTokens', docs: 'The most tokens the answer may have.' },
  { name: 'topP', docs: 'Sample from the most likely tokens with this total probability, 0 to 1.' },
  { name: 'topK', docs: 'Sample from this many most likely tokens.' },
  { name: 'stopSequences', docs: 'Texts that end the answer.' },
  { name: 'version', docs: 'Version of the model.' },
];
const inputKeys: Word[] = [
  { name: 'schema', insert: 'schema:\n  ${1:name}: ${2:string}', docs: 'Picoschema: `name: type, description`; `name?` is optional.' },
  { name: 'default', insert: 'default:\n  ${1:name}: ${2:value}', docs: 'Values used when the call gives none.' },
];
const outputKeys: Word[] = [{ name: 'format', insert: 'format: ${1|json,text|}', docs: '`json` asks the model for JSON.' }, inputKeys[0]];
const types: Word[] = [
  { name: 'string', docs: 'Text.' },
  { name: 'number', docs: 'Any number.' },
  { name: 'integer', docs: 'A whole number.' },
  { name: 'boolean', docs: '`true` or `false`.' },
  { name: 'any', docs: 'Anything.' },
];
export const helpers: Word[] = [
  { name: 'role', insert: 'role "${1|system,user,model|}"', docs: 'Starts a message of this role. Everything up to the next `role` belongs to it.' },
  { name: 'history', docs: 'Puts the conversation so far here.' },
  { name: 'media', insert: 'media url=${1:url}', docs: 'Puts an image or other media here: `{{media url=photo contentType="image/png"}}`.' },
  { name: 'json', insert: 'json ${1:value} indent=2', docs: 'Writes a value as JSON.' },
  { name: 'section', insert: 'section "${1:name}"', docs: 'A place for content that is filled in later.' },
  { name: 'if', insert: '#if ${1:condition}}}$0{{/if', docs: 'Renders its content when the value is truthy. An empty list counts as false.' },
  { name: 'unless', insert: '#unless ${1:condition}}}$0{{/unless', docs: 'Renders its content when the value is falsy.' },
  { name: 'each', insert: '#each ${1:list}}}{{this}}$0{{/each', docs: 'Renders its content once for each item; `this` is the item, `@index` its place.' },
  { name: 'with', insert: '#with ${1:object}}}$0{{/with', docs: 'Makes the members of an object variables of its content.' },
  { name: 'ifEquals', insert: '#ifEquals ${1:a} ${2:b}}}$0{{/ifEquals', docs: 'Renders its content when both values are strictly equal.' },
  { name: 'unlessEquals', insert: '#unlessEquals ${1:a} ${2:b}}}$0{{/unlessEquals', docs: 'Renders its content when the values differ.' },
  { name: 'lookup', insert: 'lookup ${1:object} ${2:key}', docs: 'A member of an object by a computed name.' },
  { name: 'else', docs: 'The other branch of the enclosing block.' },
];
const roles: Word[] = [
  { name: 'system', docs: 'Instructions for the model.' },
  { name: 'user', docs: 'What the person says.' },
  { name: 'model', docs: 'What the model said.' },
];
const dataVariables: Word[] = [
  { name: '@index', docs: 'Place of the item in `each`, from 0.' },
  { name: '@first', docs: 'Whether the item is the first.' },
  { name: '@last', docs: 'Whether the item is the last.' },
  { name: '@key', docs: 'Name of the member in `each` over an object.' },
  { name: '@root', docs: 'The input, whatever block this is in.' },
];

type Suggestions = { words: Word[]; items: Item[]; kind: monaco.languages.CompletionItemKind; block?: boolean };

function suggest(model: monaco.editor.ITextModel, position: monaco.Position, data: LanguageData): Suggestions | null {
  const before = model.getLineContent(position.lineNumber).slice(0, position.column - 1);
  return position.lineNumber < frontmatterEnd(model) ? inFrontmatter(model, position, before, data) : inBody(before, data);
}

function inFrontmatter(model: monaco.editor.ITextModel, position: monaco.Position, before: string, data: LanguageData): Suggestions | null {
  if (/^model:\s*\S*$/.test(before)) { return { words: [], items: data.models, kind: kinds.Value }; }
  const parents = parentsOf(model, position.lineNumber, before.search(/\S|$/));
  if (/^\s*-\s*\S*$/.test(before) && parents[0] === 'tools' || /^tools:\s*\[[^\]]*$/.test(before)) { return { words: [], items: data.tools, kind: kinds.Function }; }
  if (/^\S*$/.test(before)) { return { words: topKeys, items: [], kind: kinds.Property }; }
  if (parents.includes('schema')) { return /:\s*\w*$/.test(before) ? { words: types, items: [], kind: kinds.TypeParameter } : null; }
  if (!/^\s+\w*$/.test(before)) { return null; }
  switch (parents[0]) {
    case 'config': return { words: configKeys.map(word => ({ ...word, insert: `${word.name}: ` })), items: [], kind: kinds.Property };
    case 'input': return { words: inputKeys, items: [], kind: kinds.Property };
    case 'output': return { words: outputKeys, items: [], kind: kinds.Property };
    default: return null;
  }
}

/** Keys of the mappings around a line, innermost first. */
function parentsOf(model: monaco.editor.ITextModel, line: number, indent: number): string[] {
  const parents: string[] = [];
  for (let above = line - 1; above > 1 && indent > 0; above--) {
    const match = /^(\s*)([\w.$-]+)\??(?:\([^)]*\))?:\s*$/.exec(model.getLineContent(above));
    const depth = match?.[1].length ?? indent;
    if (match && (depth < indent || match[2] === 'tools' && depth === 0)) {
      parents.push(match[2]);
      indent = depth;
    }
  }
  return parents;
}

function inBody(before: string, data: LanguageData): Suggestions | null {
  const open = before.lastIndexOf('{{');
  if (open < 0 || before.indexOf('}}', open) >= 0) { return null; }
  const inside = before.slice(open + 2);
  if (/^~?>\s*[\w./@-]*$/.test(inside)) { return { words: [], items: data.partials, kind: kinds.Module }; }
  if (/role\s+["'][^"']*$/.test(inside)) { return { words: roles, items: [], kind: kinds.EnumMember }; }
  if (/["'][^"']*$/.test(inside.replace(/"[^"]*"|'[^']*'/g, ''))) { return null; }
  if (/@\w*$/.test(inside)) { return { words: dataVariables, items: [], kind: kinds.Variable }; }
  if (/^~?\/\w*$/.test(inside)) { return { words: helpers.filter(word => word.insert?.startsWith('#')).map(({ name, docs }) => ({ name, docs })), items: [], kind: kinds.Keyword }; }
  const first = /^~?#?\s*\w*$/.test(inside);
  return { words: first ? helpers : [], items: data.variables, kind: kinds.Variable, block: inside.includes('#') };
}

export function registerAssistance(language: string): void {
  monaco.languages.registerCompletionItemProvider(language, {
    triggerCharacters: ['{', '>', '"', ' ', '@', '#', '/'],
    provideCompletionItems(model, position) {
      const found = suggest(model, position, attachment(model).data);
      if (!found) { return { suggestions: [] }; }
      const line = model.getLineContent(position.lineNumber);
      const start = line.slice(0, position.column - 1).search(/[\w$./@-]*$/) + 1;
      const range = { startLineNumber: position.lineNumber, endLineNumber: position.lineNumber, startColumn: start, endColumn: position.column };
      const words = found.words.map((word, index) => ({
        label: word.name,
        kind: found.kind === kinds.Variable && !word.name.startsWith('@') ? kinds.Keyword : found.kind,
        insertText: (found.block ? word.insert?.replace(/^#/, '') : word.insert) ?? word.name,
        insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet,
        documentation: { value: word.docs },
        sortText: `1${String(index).padStart(3, '0')}`,
        range,
      }));
      const items = found.items.map(item => ({
        label: item.name, kind: found.kind, insertText: item.name, detail: item.detail, documentation: item.documentation, sortText: `0${item.name}`, range,
      }));
      return { suggestions: [...items, ...words] };
    },
  });
  monaco.languages.registerHoverProvider(language, { provideHover: hover });
  monaco.languages.registerCodeActionProvider(language, { provideCodeActions: fixes }, { providedCodeActionKinds: ['quickfix'] });
  monaco.languages.registerDocumentFormattingEditProvider(language, {
    async provideDocumentFormattingEdits(model) {
      const version = model.getVersionId();
      const text = await attachment(model).format?.(model.getValue());
      return text === undefined || version !== model.getVersionId() ? [] : [{ range: model.getFullModelRange(), text }];
    },
  });
  monaco.languages.registerRenameProvider(language, {
    async resolveRenameLocation(model, position) {
      const answer = await attachment(model).rename?.(model.getValue(), position.lineNumber, position.column, null);
      const here = answer?.places.map(toRange).find(range => monaco.Range.containsPosition(range, position));
      return here && answer ? { range: here, text: answer.name } : { range: new monaco.Range(1, 1, 1, 1), text: '', rejectReason: answer?.refusal ?? 'There is nothing to rename here.' };
    },
    async provideRenameEdits(model, position, newName) {
      const versionId = model.getVersionId();
      const answer = await attachment(model).rename?.(model.getValue(), position.lineNumber, position.column, newName);
      if (answer?.refusal) { tell(model, position, answer.refusal); }
      return { edits: (answer?.places ?? []).map(place => ({ resource: model.uri, versionId, textEdit: { range: toRange(place), text: newName } })) };
    },
  });
  monaco.languages.registerFoldingRangeProvider(language, { provideFoldingRanges: folds });
}

/** Says why nothing was done, at the place: the editor alone would say it to the console. */
function tell(model: monaco.editor.ITextModel, position: monaco.Position, message: string): void {
  const editor = monaco.editor.getEditors().find(candidate => candidate.getModel() === model);
  const messages = editor?.getContribution('editor.contrib.messageController') as unknown as { showMessage(text: string, at: monaco.IPosition): void } | null;
  setTimeout(() => messages?.showMessage(message, position));
}

function hover(model: monaco.editor.ITextModel, position: monaco.Position): monaco.languages.Hover | null {
  const word = model.getWordAtPosition(position);
  if (!word) { return null; }
  const front = position.lineNumber < frontmatterEnd(model);
  const { data } = attachment(model);
  const known = front
    ? [...topKeys, ...configKeys, ...inputKeys, ...outputKeys, ...types].find(item => item.name === word.word)
    : [...helpers, ...dataVariables].find(item => item.name === word.word);
  const item = [...data.variables, ...data.partials, ...data.tools, ...data.models].find(candidate => candidate.name === word.word);
  const lines = item ? [`\`${item.name}\`${item.detail ? ` · ${item.detail}` : ''}`, item.documentation ?? ''] : known ? [`\`${known.name}\``, known.docs] : [];
  return lines.length === 0 ? null : {
    range: new monaco.Range(position.lineNumber, word.startColumn, position.lineNumber, word.endColumn),
    contents: lines.filter(Boolean).map(value => ({ value })),
  };
}

function fixes(model: monaco.editor.ITextModel, range: monaco.Range, context: monaco.languages.CodeActionContext): monaco.languages.CodeActionList {
  const actions = attachment(model).problems
    .filter(problem => monaco.Range.areIntersectingOrTouching(toRange(problem.range), range))
    .flatMap(problem => problem.fixes.map(fix => ({
      title: fix.title,
      kind: 'quickfix',
      isPreferred: true,
      diagnostics: context.markers.filter(marker => marker.message === problem.message),
      edit: { edits: [{ resource: model.uri, versionId: model.getVersionId(), textEdit: { range: toRange(fix.range), text: fix.newText } }] },
    })));
  return { actions, dispose() { /* nothing is held */ } };
}

function folds(model: monaco.editor.ITextModel): monaco.languages.FoldingRange[] {
  const ranges: monaco.languages.FoldingRange[] = [];
  const end = frontmatterEnd(model);
  if (end > 1) { ranges.push({ start: 1, end: Math.min(end, model.getLineCount()) }); }
  let start = 0;
  for (let line = end + 1; line <= model.getLineCount(); line++) {
    if (/\{\{~?\s*role\s/.test(model.getLineContent(line))) {
      if (start > 0) { ranges.push({ start, end: line - 1 }); }
      start = line;
    }
  }
  if (start > 0) { ranges.push({ start, end: model.getLineCount() }); }
  return ranges;
}
