import { expect, test } from '@playwright/test';
import { eventually, Portal, withoutReview } from './support/portal';

const portal = new Portal();
const prompt = '/api/v1/namespaces/demo/prompts/support-reply';

test.describe.configure({ mode: 'serial' });
test.beforeAll(() => portal.start(withoutReview));
test.afterAll(() => portal.dispose());

const flow = () => fetch(`${portal.url}/flows/demo/support-reply`, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ customer_name: 'Ada', question: 'Where is my parcel?' }),
});
const answers = async (text: string) => eventually(`an answer with "${text}"`, async () => (await flow()).text(), answer => answer.includes(text), 30_000);
const content = async () => ((await (await fetch(portal.url + prompt)).json()) as { content: string }).content;

/** Publishes a content and resolves when the server has accepted it, or rejects when it died first. */
async function publish(text: string) {
  const response = await fetch(`${portal.url}${prompt}/publish`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ content: text }),
  });
  expect(response.ok, await response.text()).toBe(true);
}

test('kill -9 with a flow running leaves no runner and everything comes back', async () => {
  await answers('Ada');
  expect(portal.runners().length).toBeGreaterThan(0);
  await portal.kill('SIGKILL');
  await eventually('no runner is left', () => portal.runners(), left => left.length === 0);
  await portal.start(withoutReview);
  await answers('Ada');
});

for (const delay of [0, 5, 20, 80, 300, 1000]) {
  test(`kill -9 ${delay} ms after publishing loses nothing acknowledged`, async () => {
    const before = await content();
    const marker = `crash at ${delay} ms`;
    const next = before.replace(/(crash at \d+ ms)?\s*$/, `\n${marker}\n`);
    let acknowledged = false;
    const publishing = publish(next).then(() => { acknowledged = true; }, () => undefined);
    await new Promise(done => setTimeout(done, delay));
    await portal.kill('SIGKILL');
    await publishing;
    await eventually('no runner is left', () => portal.runners(), left => left.length === 0);
    await portal.start(withoutReview);
    const after = await eventually('the prompt is readable', content, text => text.length > 0);
    if (acknowledged) {
      expect(after).toContain(marker);
    }
    if (after.includes(marker)) {
      await answers(marker);
    } else {
      expect(after.trim()).toBe(before.trim());
      await answers('Ada');
    }
  });
}

test('a stopped portal takes its runners along', async () => {
  await answers('Ada');
  await portal.stop();
  expect(portal.runners()).toEqual([]);
});

test('a second portal on the same data is refused in one line', async () => {
  await portal.start(withoutReview);
  const second = new Portal();
  const attempt = second.start({ Portal__DataDirectory: portal.dataDirectory });
  await expect(attempt).rejects.toThrow(/ended with 1/);
  await attempt.catch((error: Error) => expect(error.message).not.toContain('   at '));
  await second.dispose();
});
