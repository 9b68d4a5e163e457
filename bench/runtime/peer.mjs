// The same informer sync with @kubernetes/client-node. usage: node peer.mjs KUBECONFIG OBJECTS RUNS
import { createRequire } from 'node:module';

const k8s = createRequire(new URL('../../e2e/package.json', import.meta.url))('@kubernetes/client-node');
const [kubeconfig, objects, runs] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

for (let run = 0; run < runs; run++) {
  const config = new k8s.KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = config.makeApiClient(k8s.CoreV1Api);
  let seen = 0;
  const began = performance.now();
  const informer = k8s.makeInformer(config, '/api/v1/namespaces/default/configmaps', () => api.listNamespacedConfigMap({ namespace: 'default' }));
  const synced = new Promise((resolve, reject) => {
    informer.on('add', () => { if (++seen === objects) { resolve(); } });
    informer.on('error', reject);
  });
  await Promise.all([informer.start(), synced]);
  console.log(JSON.stringify({ objects: seen, syncMilliseconds: Math.round((performance.now() - began) * 10) / 10 }));
  await informer.stop();
}
process.exit(0);
