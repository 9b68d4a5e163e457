// The reference implementation of Dotprompt as a peer of the .NET tests: one JSON request a line in, one JSON answer a line out, in order.
import { createInterface } from 'node:readline';
import { Dotprompt } from 'dotprompt';
import Handlebars from 'handlebars/dist/cjs/handlebars.js';

// Standard output belongs to the answers; the log helper and YAML errors write there.
for (const level of ['debug', 'log', 'info', 'warn', 'error']) console[level] = () => {};

async function answer(request) {
  // Partials live in the process-wide Handlebars object; one document must not see those of another.
  for (const name of Object.keys(Handlebars.partials)) Handlebars.unregisterPartial(name);
  try {
    const { schemas, tools, modelConfigs, partials } = request;
    const prompt = new Dotprompt({ schemas, tools, modelConfigs, partials });
    const { messages } = await prompt.render(request.source, request.data, request.options);
    return { messages, metadata: await prompt.renderMetadata(request.source, request.options) };
  } catch (error) {
    return { error: String(error?.message ?? error) };
  }
}

// Half a surrogate pair cannot be sent in UTF-8: both sides send U+FFFD.
const wellFormed = (_, value) => (typeof value === 'string' ? value.toWellFormed() : value);

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)), wellFormed)}\n`);
}
