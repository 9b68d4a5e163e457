import * as monaco from 'monaco-editor/editor';
import { registerAssistance } from './dotprompt-assistance';

export const languageId = 'dotprompt';

export const blockHelpers = ['if', 'unless', 'each', 'with', 'ifEquals', 'unlessEquals'];
export const inlineHelpers = ['role', 'history', 'media', 'json', 'section', 'lookup', 'log'];

const grammar: monaco.languages.IMonarchLanguage = {
  defaultToken: '',
  helpers: [...blockHelpers, ...inlineHelpers],
  tokenizer: {
    root: [
      [/^---\s*$/, { token: 'delimiter.frontmatter', next: '@frontmatter' }],
      [/(?=.)/, { token: '', next: '@body' }],
    ],
    frontmatter: [
      [/^---\s*$/, { token: 'delimiter.frontmatter', switchTo: '@body' }],
      [/(^|\s)#.*$/, 'comment'],
      [/((?:[\w.$*-]+|\(\*\))\??(?:\([^)]*\))?)(\s*)(:)(?=\s|$)/, ['key', '', 'delimiter']],
      [/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/, 'string'],
      [/\b(?:string|number|integer|boolean|any)\b(?=\s*(?:,|$|[\]}]))/, 'type'],
      [/\b(?:true|false|null)\b(?=\s*(?:,|$|[\]}]))/, 'constant'],
      [/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?=\s*(?:,|$|[\]}]))/, 'number'],
      [/[[\]{},|>-]/, 'delimiter'],
      [/[^\s"'#[\]{},:]+(?=["'])["']|[^\s"'#[\]{},:]+|[:#"']/, 'string.plain'],
    ],
    body: [
      [/\\\{\{/, 'string.escape'],
      [/\{\{~?!--/, { token: 'comment', next: '@longComment' }],
      [/\{\{~?!/, { token: 'comment', next: '@comment' }],
      [/\{\{\{?~?/, { token: 'delimiter.mustache', next: '@mustache' }],
      [/[^\\{]+|[\\{]/, ''],
    ],
    longComment: [
      [/--~?\}\}/, { token: 'comment', next: '@pop' }],
      [/[^-]+|-/, 'comment'],
    ],
    comment: [
      [/~?\}\}/, { token: 'comment', next: '@pop' }],
      [/[^}~]+|[}~]/, 'comment'],
    ],
    mustache: [
      [/~?\}?\}\}/, { token: 'delimiter.mustache', next: '@pop' }],
      [/(>)(\s*)([\w$./-]+)/, ['delimiter.mustache', '', 'type']],
      [/[#/^>&*]/, 'delimiter.mustache'],
      [/"[^"]*"|'[^']*'/, 'string'],
      [/@[\w.$-]+/, 'variable.data'],
      [/[\w$-]+(?==)/, 'key'],
      [/\b(?:else|as)\b/, 'keyword'],
      [/\b(?:true|false|null|undefined)\b/, 'constant'],
      [/-?\d+(?:\.\d+)?\b/, 'number'],
      [/[A-Za-z_$][\w$-]*(?=[\s}~)|])/, { cases: { '@helpers': 'keyword', '@default': 'variable' } }],
      [/[\w$.@[\]/-]+/, 'variable'],
      [/[()|=~]/, 'delimiter'],
    ],
  },
};

const rules = (colours: Record<string, string>): monaco.editor.ITokenThemeRule[] => [
  { token: 'key.dotprompt', foreground: colours.key },
  { token: 'string.dotprompt', foreground: colours.string },
  { token: 'string.plain.dotprompt', foreground: colours.text },
  { token: 'string.escape.dotprompt', foreground: colours.muted },
  { token: 'type.dotprompt', foreground: colours.type },
  { token: 'constant.dotprompt', foreground: colours.number },
  { token: 'number.dotprompt', foreground: colours.number },
  { token: 'comment.dotprompt', foreground: colours.muted, fontStyle: 'italic' },
  { token: 'keyword.dotprompt', foreground: colours.keyword, fontStyle: 'bold' },
  { token: 'variable.dotprompt', foreground: colours.variable },
  { token: 'variable.data.dotprompt', foreground: colours.type },
  { token: 'delimiter.mustache.dotprompt', foreground: colours.keyword },
  { token: 'delimiter.frontmatter.dotprompt', foreground: colours.muted },
];

const widgets = (background: string, hover: string, border: string, text: string, selected: string): Record<string, string> => ({
  'editorWidget.background': background, 'editorWidget.foreground': text, 'editorWidget.border': border, 'widget.border': border,
  'editorHoverWidget.background': background, 'editorHoverWidget.foreground': text, 'editorHoverWidget.border': border,
  'editorSuggestWidget.background': background, 'editorSuggestWidget.foreground': text, 'editorSuggestWidget.border': border,
  'editorSuggestWidget.selectedBackground': selected, 'editorSuggestWidget.selectedForeground': text,
  'menu.background': background, 'menu.foreground': text, 'menu.border': border, 'menu.selectionBackground': selected, 'menu.selectionForeground': text,
  'editorActionList.background': background, 'editorActionList.foreground': text, 'editorActionList.focusBackground': selected, 'editorActionList.focusForeground': text,
  'quickInput.background': background, 'quickInput.foreground': text, 'quickInputList.focusBackground': selected, 'quickInputList.focusForeground': text,
  'list.hoverBackground': hover, 'list.focusBackground': selected, 'input.background': background, 'input.border': border,
});

monaco.editor.defineTheme('genkit-light', {
  base: 'vs',
  inherit: true,
  rules: rules({ text: '1a1f29', muted: '667085', key: '0b5cad', string: '0f7a3d', type: '8a3ab9', number: 'b54708', keyword: '4338ca', variable: 'b0156b' }),
  colors: { 'editor.background': '#ffffff', 'editorLineNumber.foreground': '#667085', 'editorLineNumber.dimmedForeground': '#667085', 'editor.lineHighlightBackground': '#f6f7f9', 'focusBorder': '#00000000', ...widgets('#ffffff', '#f0f1f6', '#dfe3ea', '#1a1f29', '#eceaff') },
});
monaco.editor.defineTheme('genkit-dark', {
  base: 'vs-dark',
  inherit: true,
  rules: rules({ text: 'e5e9f0', muted: '8b96a8', key: '7db3ff', string: '7ddba3', type: 'cf9bff', number: 'f2b277', keyword: 'a5a3ff', variable: 'ff9ecf' }),
  colors: { 'editor.background': '#151a22', 'editorLineNumber.foreground': '#8b96a8', 'editorLineNumber.dimmedForeground': '#8b96a8', 'editor.lineHighlightBackground': '#1b212b', 'focusBorder': '#00000000', ...widgets('#1b212b', '#262d39', '#343c4a', '#e5e9f0', '#33336a') },
});

const dark = () => document.documentElement.dataset.theme === 'dark';
export const theme = () => (dark() ? 'genkit-dark' : 'genkit-light');
document.addEventListener('genkit-theme', () => monaco.editor.setTheme(theme()));

monaco.languages.register({ id: languageId, extensions: ['.prompt'], aliases: ['Dotprompt'] });
monaco.languages.setMonarchTokensProvider(languageId, grammar);
monaco.languages.setLanguageConfiguration(languageId, {
  comments: { blockComment: ['{{!--', '--}}'] },
  brackets: [['{{', '}}'], ['{', '}'], ['[', ']'], ['(', ')']],
  autoClosingPairs: [
    { open: '{', close: '}' },
    { open: '[', close: ']' },
    { open: '(', close: ')' },
    { open: '"', close: '"', notIn: ['string'] },
  ],
  surroundingPairs: [{ open: '{', close: '}' }, { open: '"', close: '"' }, { open: '(', close: ')' }],
  wordPattern: /[A-Za-z_$@][\w$.-]*|\d+(?:\.\d+)?/,
  indentationRules: { increaseIndentPattern: /^\s*[\w.$?()*,\s-]+:\s*$|\{\{#/, decreaseIndentPattern: /^\s*\{\{(?:\/|else)/ },
});
registerAssistance(languageId);
