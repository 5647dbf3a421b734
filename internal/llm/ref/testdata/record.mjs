// Records what llama.cpp answers, for the tests of this package.
//
//   npm install --ignore-scripts node-llama-cpp@3.22.1     (brings llama.cpp, built)
//   node record.mjs MODEL.gguf IDS.json OUT.json [GREEDY]
//
// IDS.json is a list of token ids; with "text:FILE" instead, the text of FILE is
// cut by llama.cpp's own tokenizer, after the begin token if the model adds one.
// OUT.json gets the best token after each id with its logit, and GREEDY tokens of
// continuation. To record against F32, widen the weights first: widen.py.

import fs from "node:fs";
import {getLlama} from "node-llama-cpp";

const [, , modelPath, source, outPath, greedy] = process.argv;
const llama = await getLlama({gpu: false, build: "never", logLevel: "error", maxThreads: 2});
const model = await llama.loadModel({modelPath});
let ids;
if (source.startsWith("text:")) {
    ids = [...model.tokenize(fs.readFileSync(source.slice(5), "utf8"), false)];
    if (model.tokens.shouldPrependBosToken) ids.unshift(model.tokens.bos);
} else {
    ids = JSON.parse(fs.readFileSync(source, "utf8"));
}
const count = Number(greedy ?? 0);
const context = await model.createContext({contextSize: Math.max(512, ids.length + count + 8), batchSize: 512, flashAttention: false});
const sequence = context.getSequence();
const best = {generateNext: {token: true, logits: {filter: {tokens: [], includeTop: 1}}, options: {temperature: 0}}};
const ask = async (tokens) => (await sequence.controlledEvaluate(tokens.map((t) => [t, best]))).map((r) => [...r.next.logits.entries()][0]);

const top = await ask(ids);
const record = {ids, argmax: top.map((t) => t[0]), logit: top.map((t) => Math.round(t[1] * 1e5) / 1e5)};
if (count > 0) {
    record.greedy = [];
    for (let last = top.at(-1)[0]; record.greedy.length < count; last = (await ask([last]))[0][0]) record.greedy.push(last);
}
fs.writeFileSync(outPath, "[" + JSON.stringify(record) + "]\n");
process.exit(0);
