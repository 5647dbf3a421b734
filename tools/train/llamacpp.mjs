// Lets llama.cpp continue a prompt greedily, as an independent judge of the exported file.
// In: a folder where the npm package node-llama-cpp is installed, a GGUF file, a number of tokens,
// a prompt. Out: one JSON object with the token ids and the text.
import { pathToFileURL } from "node:url";
import path from "node:path";

const [folder, file, number, prompt] = process.argv.slice(2);
const entry = path.resolve(folder, "node_modules/node-llama-cpp/dist/index.js");
const { getLlama } = await import(pathToFileURL(entry));

const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: "error" });
const model = await llama.loadModel({ modelPath: path.resolve(file) });
const context = await model.createContext({ contextSize: 512 });
const sequence = context.getSequence();
// A leading BOS, because the file says so and the evaluation below takes ids as they are.
const start = [model.tokens.bos, ...model.tokenize(prompt)];
const made = [];
for await (const token of sequence.evaluate(start, { temperature: 0 })) {
  if (token === model.tokens.eos) break;
  made.push(token);
  if (made.length >= Number(number)) break;
}
console.log(JSON.stringify({ start, made, text: model.detokenize([...start, ...made]) }));
process.exit(0);
