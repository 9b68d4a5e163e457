import { expect, test } from '@playwright/test';
import { eventually, Portal } from './support/portal';

const portal = new Portal();

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

// Evals before what they refer to: any order must do.
const manifests = `
apiVersion: genkit.dev/v1alpha1
kind: Eval
metadata: { name: greeter-once }
spec:
  flowRef: { name: greeter }
  datasetRef: { name: greetings }
  metrics: [contains, latency]
  concurrency: 2
  runnerImage: genkit-portal/runner
  outputSink: { configMap: { name: greeter-once-results, key: result.json } }
---
apiVersion: genkit.dev/v1alpha1
kind: Eval
metadata: { name: greeter-often }
spec:
  flowRef: { name: greeter }
  datasetRef: { name: greetings }
  metrics: [contains]
  schedule: "@every 1s"
  runnerImage: genkit-portal/runner
  outputSink: { configMap: { name: greeter-often-results, key: result.json } }
---
apiVersion: genkit.dev/v1alpha1
kind: Eval
metadata: { name: suite-good }
spec:
  flowRef: { kind: FlowSet, name: suite, flow: good }
  datasetRef: { name: greetings }
  metrics: ["regex:hel{2,3}o"]
  runnerImage: genkit-portal/runner
  outputSink: { configMap: { name: suite-good-results, key: result.json } }
---
apiVersion: genkit.dev/v1alpha1
kind: Dataset
metadata: { name: greetings }
spec:
  format: json
  source:
    inline:
      - { input: { name: Ada }, reference: Ada }
      - { input: { name: Linus }, reference: Grace }
---
apiVersion: genkit.dev/v1alpha1
kind: Flow
metadata: { name: greeter }
spec:
  image: genkit-portal/runner
  modelSpec: { provider: demo, model: echo-stream, pluginConfigRef: { name: greeter } }
  prompts:
    - prompt: { name: greeting, content: "Greet {{name}}" }
---
apiVersion: genkit.dev/v1alpha1
kind: PluginConfig
metadata: { name: greeter }
spec: { type: demo, credentialsRef: { name: greeter } }
---
apiVersion: v1
kind: Secret
metadata: { name: greeter }
stringData: { DEMO_KEY: unused }
---
apiVersion: genkit.dev/v1alpha1
kind: FlowSet
metadata: { name: suite }
spec:
  image: genkit-portal/runner
  flows:
    - name: good
      modelSpec: { provider: demo, model: echo-stream, pluginConfigRef: { name: greeter } }
      prompts: [{ prompt: { name: p, content: hello } }]
    - name: broken
      modelRef: { name: no-such-model }
      prompts: [{ prompt: { name: p, content: hello } }]
`;

const status = (kind: string, name: string, path: string) => portal.kubectl(['get', kind, name, '-o', `jsonpath={.status.${path}}`]);

test('evals run to a result from apply alone', async () => {
  portal.kubectl(['apply', '-f', '-'], manifests);
  for (const name of ['greeter-once', 'greeter-often']) {
    await eventually(`${name} has a result`, () => status('eval', name, 'lastRunResult'), text => text.includes('"passRate":0.5'), 60_000);
    await eventually(`${name} has run`, () => status('eval', name, 'lastRunTime'), text => text.endsWith('Z'));
    portal.kubectl(['wait', '--for=condition=Ready', `eval/${name}`, '--timeout=60s']);
  }
  portal.kubectl(['wait', '--for=condition=Complete', 'job/greeter-once-run', '--timeout=60s']);
  expect(portal.kubectl(['get', 'cronjob', 'greeter-often'])).toContain('@every 1s');
});

test('a flow of a FlowSet is measured too', async () => {
  await eventually('it has a result', () => status('eval', 'suite-good', 'lastRunResult'), text => text.includes('"passRate":1'), 60_000);
  portal.kubectl(['wait', '--for=condition=Ready', 'eval/suite-good', '--timeout=60s']);
});

test('the columns are those of the original', async () => {
  expect(portal.kubectl(['get', 'gev'])).toMatch(/NAME +FLOW +DATASET +SCHEDULE +ACTIVE +LASTRUN +READY\s[\s\S]*greeter-often +greeter +greetings +@every 1s/);
  expect(portal.kubectl(['get', 'gds'])).toMatch(/NAME +FORMAT +SAMPLES +READY +AGE\s+greetings +json +2 +True/);
  await eventually('one flow is served', () => portal.kubectl(['get', 'gfs']), text => /NAME +READY +READYFLOWS +TOTAL +AVAILABLE +AGE\s+suite +False +1 +2 +1/.test(text));
  expect(status('flowset', 'suite', 'flows[1].message')).toBe('flow "broken": model "no-such-model" not found');
  expect(portal.kubectl(['explain', 'flowset.spec.flows'])).toContain('served at POST');
});

test('an evaluation waits while the budget of its namespace is used up, and runs when it is raised', async () => {
  const api = (path: string, method: string, body: object) =>
    fetch(`${portal.url}${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then(answer => answer.json());
  await api('/api/v1/prices', 'POST', { provider: 'demo', model: 'echo-stream', validFrom: new Date(Date.now() - 3_600_000).toISOString(), perMillion: { input: 1000, output: 1000 }, note: 'for this test' });
  const cent = { name: 'One cent', scope: 'namespace', namespace: 'default', amount: 0.01, currency: 'USD', period: 'year', timeZone: 'UTC', thresholds: [100], enforcement: 'enforce', contact: 'Ada' };
  const budget = await api('/api/v1/budgets', 'POST', cent);
  await eventually('the budget is spent', () => fetch(`${portal.url}/flows/default/greeter`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name": "Ada"}' }).then(answer => answer.status),
    status => status === 429, 30_000);

  portal.kubectl(['patch', 'eval', 'greeter-once', '--type=merge', '-p', '{"spec":{"metrics":["regex:Ada"]}}']);
  await eventually('it says which budget', () => status('eval', 'greeter-once', 'conditions[?(@.type=="Ready")].message'),
    text => /^The budget “One cent” is used up until \d{4}-01-01T00:00:00Z\. Whom to ask: Ada The evaluation waits/.test(text));
  await eventually('the schedule stands still', () => portal.kubectl(['get', 'cronjob', 'greeter-often', '-o', 'jsonpath={.spec.suspend}']), text => text === 'true');
  await api(`/api/v1/budgets/${budget.id}`, 'PUT', { ...cent, amount: 100, version: budget.version });
  await eventually('it has run', () => status('eval', 'greeter-once', 'lastRunResult'), text => text.includes('/evaluator/regex'), 60_000);
  portal.kubectl(['wait', '--for=condition=Ready', 'eval/greeter-once', '--timeout=20s']);
});

test('an edit runs an evaluation again, and what cannot run is told', async () => {
  portal.kubectl(['patch', 'eval', 'greeter-once', '--type=merge', '-p', '{"spec":{"metrics":["exact_match"]}}']);
  await eventually('the new metric is in the result', () => status('eval', 'greeter-once', 'lastRunResult'), text => text.includes('/evaluator/exact_match'), 60_000);
  expect(() => portal.kubectl(['patch', 'eval', 'greeter-often', '--type=merge', '-p', '{"spec":{"schedule":"often"}}'])).toThrow(/spec\.schedule.*"often" is not a cron schedule/);
  portal.kubectl(['delete', 'dataset', 'greetings']);
  await eventually('what is missing is named', () => status('eval', 'greeter-often', 'conditions[?(@.type=="Ready")].message'), text => text === 'dataset "greetings" not found');
  await eventually('the schedule stands still', () => portal.kubectl(['get', 'cronjob', 'greeter-often', '-o', 'jsonpath={.spec.suspend}']), text => text === 'true');
  portal.kubectl(['delete', 'eval', '--all']);
  await eventually('children are gone', () => portal.kubectl(['get', 'job,cronjob,pod,serviceaccount,role,rolebinding', '-l', 'app.kubernetes.io/managed-by=genkit-operator,genkit.dev/eval', '-o', 'name']), text => text.trim() === '');
});
