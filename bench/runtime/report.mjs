// Medians of the runs as a table. usage: node report.mjs OURS [PEER]
import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

const read = file => file && existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line)) : [];
const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const [ours, peer] = [read(process.argv[2]), read(process.argv[3])];
const of = (runs, field) => runs.map(run => run[field]);
const row = (what, values, limit, other) => ({
  what, median: `${Math.round(median(values))} ms`, worst: `${Math.round(Math.max(...values))} ms`, budget: `${limit} ms`,
  ...(other.length > 0 ? { 'client-node': `${Math.round(median(other))} ms`, 'of client-node': (median(values) / median(other)).toFixed(2) } : {}),
});

console.log(`${ours[0].objects} ConfigMaps, ${ours.length} runs; ${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux, TLS on loopback`);
console.table([
  row('keys through a controller with a no-op reconciler', of(ours, 'reconcileMilliseconds'), 1000, []),
  row('informer sync', of(ours, 'syncMilliseconds'), 1000, of(peer, 'syncMilliseconds')),
]);
