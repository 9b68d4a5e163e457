import { expect, test } from '@playwright/test';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { eventually, Portal } from './support/portal';

const folder = resolve(__dirname, '../Portal.Tests/Operator/InvalidManifests');
const portal = new Portal();

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

/** Runs kubectl and returns all it printed, however it ended. */
const printed = (args: string[], input: string): string => {
  const env = { ...process.env, HOME: portal.dataDirectory, KUBECONFIG: join(portal.dataDirectory, 'kubeconfig') };
  const { stdout, stderr } = spawnSync('kubectl', args, { input, encoding: 'utf8', env, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 });
  return stdout + stderr;
};

interface Case { title: string; yaml: string; expected: string[]; refused: boolean }

/** The cases of a file: a title and expectations in comments, then the object. */
const casesOf = (file: string): Case[] => readFileSync(join(folder, file), 'utf8').split('\n---\n').map(text => {
  const comments = text.split('\n').filter(line => line.startsWith('# ')).map(line => line.slice(2));
  const those = (word: string) => comments.filter(line => line.startsWith(`${word} `)).map(line => line.slice(word.length + 1));
  return {
    title: comments[0],
    yaml: text.replace(/LONG(\d+)/g, (_, length) => 'a'.repeat(Number(length))).replaceAll('HUGE', 'x'.repeat(1024 * 1024 + 1)),
    expected: [...those('refused'), ...those('broken'), ...those('warning')],
    refused: those('refused').length > 0,
  };
});

const files = readdirSync(folder).filter(file => file.endsWith('.yaml') && file !== 'background.yaml');

test('what the cases refer to is there', async () => {
  portal.kubectl(['create', 'namespace', 'cases']);
  portal.kubectl(['apply', '-n', 'cases', '-f', join(folder, 'background.yaml')]);
  const late = 'apiVersion: genkit.dev/v1alpha1\nkind: Eval\nmetadata: {name: probe}\nspec: {flowRef: {name: helper}, datasetRef: {name: samples}, metrics: [latency], runnerImage: x, outputSink: {configMap: {name: a, key: b}}}';
  await eventually('the rules know the objects', () => printed(['create', '--dry-run=server', '-n', 'cases', '-f', '-'], late), text => !text.includes('not found'));
});

for (const file of files) {
  test(`kubectl prints the field of every mistake in ${file}`, () => {
    const cases = casesOf(file);

    const text = printed(['create', '--dry-run=server', '-n', 'cases', '-f', '-'], cases.map(item => item.yaml).join('\n---\n'));

    const missing = cases.flatMap(item => item.expected.filter(expected => !text.includes(expected)).map(expected => `${item.title}: ${expected}`));
    expect(missing, text.slice(0, 20_000)).toEqual([]);
    expect(text.split('\n').filter(line => line.endsWith('created (server dry run)')).length).toBe(cases.filter(item => !item.refused).length);
  });
}

test('apply refuses with the field, and leaves deletes alone', () => {
  const flow = (name: string, image: string) => `apiVersion: genkit.dev/v1alpha1\nkind: Flow\nmetadata: {name: ${name}}\nspec: {image: ${image}}`;
  expect(printed(['apply', '-n', 'cases', '-f', '-'], flow('healthz', 'runner')))
    .toBe('The Flow "healthz" is invalid: metadata.name: metadata.name "healthz" is reserved for the runner\'s probes; choose another name\n');
  expect(printed(['apply', '-n', 'cases', '-f', '-'], flow('plain', 'runner'))).toBe('flow.genkit.dev/plain created\n');
  expect(printed(['apply', '-n', 'cases', '-f', '-'], flow('plain', '"a b"'))).toContain('spec.image: has white space in it');
  expect(printed(['delete', 'flow', 'plain', '-n', 'cases'], '')).toContain('deleted');
});

test('explain describes every field of every kind', () => {
  for (const kind of ['pluginconfig', 'model', 'prompt', 'tool', 'flow', 'flowset', 'dataset', 'eval']) {
    for (const part of ['spec', 'status']) {
      const text = portal.kubectl(['explain', `${kind}.${part}`]);
      expect(text).toContain('FIELDS:');
      expect(text.slice(text.indexOf('FIELDS:')), `${kind}.${part}`).not.toContain('<no description>');
    }
  }
});

test('the dialog says what the cluster would say', async ({ page }) => {
  await portal.open(page, '/ns/demo/flows');
  await page.getByTestId('flow-new').click();
  await page.getByTestId('flow-name').fill('healthz');
  await expect(page.getByTestId('flow-refusal')).toContainText('reserved for the runner');
  await expect(page.getByTestId('flow-create')).toBeDisabled();
  await page.getByTestId('flow-name').fill('fine');
  await expect(page.getByTestId('flow-refusal')).toHaveCount(0);
});
