import { expect, test } from '@playwright/test';
import * as k8s from '@kubernetes/client-node';
import { join } from 'node:path';
import { eventually, Portal } from './support/portal';

// The official JavaScript client, which shares no code with the portal, against the API server that the portal starts.

const portal = new Portal();
const config = new k8s.KubeConfig();
const group = 'genkit.dev', version = 'v1alpha1', plural = 'prompts', namespace = 'default';

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  await portal.start();
  config.loadFromFile(join(portal.dataDirectory, 'kubeconfig'));
});
test.afterAll(() => portal.dispose());

const configMap = (name: string, data: Record<string, string> = { k: 'v' }) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { suite: 'client-node' } }, data });

const prompt = (name: string, content: string) =>
  ({ apiVersion: `${group}/${version}`, kind: 'Prompt', metadata: { name, namespace }, spec: { content } });

/** The code of the error that a call fails with; 0 when it succeeds. */
const failure = (call: Promise<unknown>) => call.then(() => 0, (error: k8s.ApiException<unknown>) => error.code);

test('the server tells its version, groups and resources', async () => {
  const code = await config.makeApiClient(k8s.VersionApi).getCode();
  expect(Number.parseInt(code.minor, 10)).toBeGreaterThan(30);
  const groups = await config.makeApiClient(k8s.ApisApi).getAPIVersions();
  expect(groups.groups.map(known => known.name)).toEqual(expect.arrayContaining([group, 'apps', 'events.k8s.io']));
  const resources = await config.makeApiClient(k8s.CoreV1Api).getAPIResources();
  expect(resources.resources.map(resource => resource.name)).toContain('configmaps');
});

test('objects are created, read, replaced, patched, listed in pages and deleted', async () => {
  const core = config.makeApiClient(k8s.CoreV1Api);
  for (let i = 0; i < 5; i++) { await core.createNamespacedConfigMap({ namespace, body: configMap(`page-${i}`) }); }
  expect(await failure(core.createNamespacedConfigMap({ namespace, body: configMap('page-0') }))).toBe(409);

  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = await core.listNamespacedConfigMap({ namespace, labelSelector: 'suite=client-node', limit: 2, _continue: token });
    names.push(...page.items.map(item => item.metadata!.name!));
    token = page.metadata?._continue;
  } while (token);
  expect(names).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);

  const read = await core.readNamespacedConfigMap({ namespace, name: 'page-0' });
  const stale = structuredClone(read);
  read.data = { k: 'replaced' };
  const replaced = await core.replaceNamespacedConfigMap({ namespace, name: 'page-0', body: read });
  expect(replaced.metadata!.resourceVersion).not.toBe(stale.metadata!.resourceVersion);
  expect(await failure(core.replaceNamespacedConfigMap({ namespace, name: 'page-0', body: stale }))).toBe(409);

  const patched = await core.patchNamespacedConfigMap(
    { namespace, name: 'page-0', body: { data: { more: 'x' } } }, k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch));
  expect(patched.data).toEqual({ k: 'replaced', more: 'x' });

  await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'suite=client-node' });
  expect((await core.listNamespacedConfigMap({ namespace, labelSelector: 'suite=client-node' })).items).toHaveLength(0);
  expect(await failure(core.readNamespacedConfigMap({ namespace, name: 'page-0' }))).toBe(404);
});

test('server-side apply owns fields, and a second manager meets a conflict', async () => {
  const custom = config.makeApiClient(k8s.CustomObjectsApi);
  const apply = (manager: string, content: string, force?: boolean) => custom.patchNamespacedCustomObject(
    { group, version, namespace, plural, name: 'applied', body: prompt('applied', content), fieldManager: manager, force },
    k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.ServerSideApply)) as Promise<k8s.KubernetesObject & { spec: { content: string } }>;

  const first = await apply('first', 'Hello.');
  expect(first.metadata!.managedFields).toContainEqual(expect.objectContaining({ manager: 'first', operation: 'Apply' }));
  const again = await apply('first', 'Hello.');
  expect(again.metadata!.generation).toBe(first.metadata!.generation);
  expect(await failure(apply('second', 'Good day.'))).toBe(409);
  expect((await apply('second', 'Good day.', true)).spec.content).toBe('Good day.');

  const objects = k8s.KubernetesObjectApi.makeApiClient(config);
  const viaKind = await objects.patch(
    prompt('applied', 'Again.'), undefined, undefined, 'second', true, k8s.PatchStrategy.ServerSideApply) as unknown as { spec: { content: string } };
  expect(viaKind.spec.content).toBe('Again.');
  await custom.deleteNamespacedCustomObject({ group, version, namespace, plural, name: 'applied' });
});

test('a watch gets what happens, and starts again where it ended', async () => {
  const core = config.makeApiClient(k8s.CoreV1Api);
  const list = await core.listNamespacedConfigMap({ namespace });
  const seen: string[] = [];
  let position = '';
  const open = (resourceVersion: string) => new k8s.Watch(config).watch(
    `/api/v1/namespaces/${namespace}/configmaps`, { resourceVersion, labelSelector: 'suite=client-node' },
    (phase, object: k8s.V1ConfigMap) => { seen.push(`${phase} ${object.metadata!.name}`); position = object.metadata!.resourceVersion!; },
    () => {});

  const first = await open(list.metadata!.resourceVersion!);
  await core.createNamespacedConfigMap({ namespace, body: configMap('watched') });
  await eventually('the first event', () => [...seen], events => events.length === 1);
  first.abort();
  await core.deleteNamespacedConfigMap({ namespace, name: 'watched' });
  const second = await open(position);
  await eventually('the event that was missed', () => [...seen], events => events.length === 2);
  second.abort();

  expect(seen).toEqual(['ADDED watched', 'DELETED watched']);
});

test('an informer holds what the list holds, also after it missed a change', async () => {
  const custom = config.makeApiClient(k8s.CustomObjectsApi);
  const path = `/apis/${group}/${version}/namespaces/${namespace}/${plural}`;
  const list = () => custom.listNamespacedCustomObject({ group, version, namespace, plural }) as Promise<k8s.KubernetesListObject<k8s.KubernetesObject>>;
  const create = (name: string) => custom.createNamespacedCustomObject({ group, version, namespace, plural, body: prompt(name, 'Hi.') });
  const informer = k8s.makeInformer(config, path, list);
  const events: string[] = [];
  for (const verb of ['add', 'update', 'delete'] as const) { informer.on(verb, object => events.push(`${verb} ${object.metadata!.name}`)); }
  informer.on('error', () => { void informer.start(); });
  const names = () => informer.list(namespace).map(object => object.metadata!.name!).sort();

  await create('early');
  await informer.start();
  await create('late');
  await eventually('both objects', names, known => known.join() === 'early,late');

  // It misses a deletion while it is stopped: when it lists anew it must tell.
  await informer.stop();
  await custom.deleteNamespacedCustomObject({ group, version, namespace, plural, name: 'early' });
  await informer.start();
  await eventually('what is left', names, known => known.join() === 'late');
  expect(events).toEqual(expect.arrayContaining(['add early', 'add late', 'delete early']));
  await informer.stop();
  await custom.deleteNamespacedCustomObject({ group, version, namespace, plural, name: 'late' });
});

test('of two candidates for a lease one leads, and the other takes over', async () => {
  const coordination = config.makeApiClient(k8s.CoordinationV1Api);
  const now = () => new k8s.V1MicroTime();
  const lease = (holder: string): k8s.V1Lease =>
    ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'election', namespace }, spec: { holderIdentity: holder, leaseDurationSeconds: 15, acquireTime: now(), renewTime: now(), leaseTransitions: 0 } });

  const both = await Promise.all(['a', 'b'].map(holder => failure(coordination.createNamespacedLease({ namespace, body: lease(holder) }))));
  expect([...both].sort()).toEqual([0, 409]);
  const leader = both[0] === 0 ? 'a' : 'b';

  const held = await coordination.readNamespacedLease({ namespace, name: 'election' });
  expect(held.spec!.holderIdentity).toBe(leader);
  const renewal = structuredClone({ ...held, spec: { ...held.spec, renewTime: undefined } });
  const renewed = await coordination.replaceNamespacedLease({ namespace, name: 'election', body: { ...renewal, spec: { ...renewal.spec, renewTime: now() } } });
  expect(renewed.metadata!.resourceVersion).not.toBe(held.metadata!.resourceVersion);

  // Who saw the lease before it was renewed must not get it; who saw it after may.
  const taken = (seen: k8s.V1Lease) => ({ ...seen, spec: { ...seen.spec, holderIdentity: 'other', renewTime: now(), leaseTransitions: 1 } });
  expect(await failure(coordination.replaceNamespacedLease({ namespace, name: 'election', body: taken(held) }))).toBe(409);
  const next = await coordination.replaceNamespacedLease({ namespace, name: 'election', body: taken(renewed) });
  expect(next.spec!.holderIdentity).toBe('other');
});
