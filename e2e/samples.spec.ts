import { expect, test } from '@playwright/test';
import { resolve } from 'node:path';
import { eventually, Portal } from './support/portal';

const samples = resolve(__dirname, '../docs/samples');
const portal = new Portal();

test.beforeAll(() => portal.start());
test.afterAll(() => portal.dispose());

test('the samples apply as they are, become ready, answer and are measured', async () => {
  portal.kubectl(['apply', '-k', samples]);
  portal.kubectl(['wait', '--for=condition=Ready', 'gpc,gmd,gpr,gtl,gds,gfl,gfs,gev', '--all', '--timeout=58s']);

  const hello = async () => (await fetch(`${portal.url}/flows/default/hello`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ who: 'Ada' }),
  })).text();
  await eventually('the flow answers', hello, text => text.includes('Ada'));
  await eventually('the evaluation has a result',
    () => portal.kubectl(['get', 'eval', 'hello-check', '-o', 'jsonpath={.status.lastRunResult}']), text => text.includes('"passRate":1'), 30_000);
  expect(portal.kubectl(['get', 'hpa,pdb,ingress', '-o', 'name']).trim().split('\n').sort()).toEqual([
    'horizontalpodautoscaler.autoscaling/booking', 'ingress.networking.k8s.io/booking',
    'poddisruptionbudget.policy/booking', 'poddisruptionbudget.policy/workshop',
  ]);
});
