// Renders per second of processor time of the npm package dotprompt, one JSON line a document and way. usage: peer.mjs SECONDS
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { Dotprompt } = await import(pathToFileURL(createRequire(new URL('../../e2e/package.json', import.meta.url)).resolve('dotprompt')).href);
const seconds = Number(process.argv[2] ?? 2);

// Processor time of all threads, compiler and collector included: what else runs on the machine counts for neither side.
const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };

async function rate(work) {
  const run = async duration => {
    const start = used();
    let count = 0;
    while (used() - start < duration) {
      for (let i = 0; i < 64; i++) await work();
      count += 64;
    }
    return count / (used() - start);
  };
  await run(seconds / 2);
  return run(seconds);
}

for (const { name, source, partials, data } of JSON.parse(readFileSync(new URL('documents.json', import.meta.url)))) {
  const prompt = new Dotprompt({ partials });
  const compiled = await prompt.compile(source);
  const { messages } = await compiled(data);
  console.log(JSON.stringify({
    name,
    messages,
    compiled: await rate(() => compiled(data)),
    whole: await rate(() => prompt.render(source, data)),
  }));
}
