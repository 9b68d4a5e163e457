import * as monaco from 'monaco-editor/editor'; import 'monaco-editor/features/register.all'; export { monaco };
