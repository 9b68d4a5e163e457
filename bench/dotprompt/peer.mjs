// Renders per second of the npm package dotprompt, one JSON line a document and way. usage: peer.mjs SECONDS
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { Dotprompt } = await import(pathToFileURL(createRequire(new URL('../../e2e/package.json', import.meta.url)).resolve('dotprompt')).href);
const seconds = Number(process.argv[2] ?? 2);

async function rate(work) {
  const run = async duration => {
    const end = performance.now() + duration * 1000;
    let count = 0;
    const start = performance.now();
    while (performance.now() < end) {
      for (let i = 0; i < 16; i++) await work();
      count += 16;
    }
    return count / ((performance.now() - start) / 1000);
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
