// The table of both sides' lines; fails when they render different messages. usage: report.mjs OURS PEER
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

// Each file holds the lines of all rounds; a document's rate is the median of its rounds.
const read = file => {
  const byName = new Map();
  for (const line of readFileSync(file, 'utf8').trim().split('\n').map(text => JSON.parse(text))) {
    byName.set(line.name, [...byName.get(line.name) ?? [], line]);
  }
  return byName;
};
const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const [ours, peer] = process.argv.slice(2).map(read);
const totals = { compiled: [], whole: [] };
const number = value => Math.round(value).toLocaleString('en');

console.log('| Document | compiled: ours | npm dotprompt | ratio | compile and render: ours | npm dotprompt | ratio |');
console.log('|---|---:|---:|---:|---:|---:|---:|');
for (const [name, lines] of ours) {
  const others = peer.get(name);
  if (!isDeepStrictEqual(lines[0].messages, others[0].messages)) {
    console.error(`${name} renders differently:\n${JSON.stringify(lines[0].messages)}\n${JSON.stringify(others[0].messages)}`);
    process.exitCode = 1;
  }
  const cells = Object.keys(totals).map(way => {
    const [a, b] = [lines, others].map(side => median(side.map(line => line[way])));
    totals[way].push(a / b);
    return `${number(a)} | ${number(b)} | **${(a / b).toFixed(1)}**`;
  });
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
const mean = ratios => Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length).toFixed(1);
console.log(`| geometric mean | | | **${mean(totals.compiled)}** | | | **${mean(totals.whole)}** |`);
