// The peer: the same flow in Genkit JS behind Express, as its documentation shows it. usage: node genkit.mjs PORT PROVIDER_URL
import { startFlowServer } from '@genkit-ai/express';
import { openAICompatible } from '@genkit-ai/compat-oai';
import { genkit, z } from 'genkit';

const [port, baseURL] = process.argv.slice(2);
const ai = genkit({ plugins: [openAICompatible({ name: 'openai', apiKey: 'bench', baseURL })], promptDir: new URL('prompts', import.meta.url).pathname });
const prompt = ai.prompt('greeting');
const greeting = ai.defineFlow({ name: 'greeting', inputSchema: z.object({ name: z.string() }), streamSchema: z.any() }, async (input, { sendChunk, sideChannel }) => {
  const { stream, response } = prompt.stream(input);
  for await (const chunk of stream) { sendChunk(chunk.toJSON()); }
  return (await response).text;
});
const whole = ai.defineFlow({ name: 'whole', inputSchema: z.object({ name: z.string() }) }, async input => (await prompt(input)).text);
startFlowServer({ port: Number(port), flows: [greeting, whole] });
