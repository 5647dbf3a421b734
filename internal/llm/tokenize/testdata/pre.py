"""Writes pre.json: how the tokenizers library cuts words with each published rule.

Needs the PyPI package tokenizers, whose expressions run on Oniguruma.
"""

import json
import random

from tokenizers import Regex, pre_tokenizers

TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SLASH = r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
UP, LOW = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
END = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
HEAD = r"[^\r\n\p{L}\p{N}]?"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
RULES = {
    "gpt-2": [GPT2],
    "llama-bpe": [r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + TAIL],
    "qwen2": [r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + TAIL],
    "smollm": [r"\p{N}", GPT2],
    "gpt-4o": [HEAD + UP + "*" + LOW + "+" + END + "|" + HEAD + UP + "+" + LOW + "*" + END + r"|\p{N}{1,3}" + SLASH],
    "tekken": [HEAD + UP + "*" + LOW + "+|" + HEAD + UP + "+" + LOW + r"*|\p{N}" + SLASH],
    "deepseek-v3": [r"\p{N}{1,3}", r"[一-龥぀-ゟ゠-ヿ]+",
                    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
}
ATOMS = ["a", "B", "the", "Word", "ÉTÉ", "été", "ǅ", "ʰ", "ß", "привет", "ПРИ", "日本", "かな", "カナ", "한국", "ع", "हिन्दी", "ก็", "e\u0301",
         "1", "23", "4567", "٣", "½", "Ⅷ", " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "\u00a0", "\u3000", "\u2028", "\u200b", "\x85",
         "'s", "'LL", "'", "’s", ".", ",", "!?", "...", "/", "//", "-", "_", "$", "€", "+=", "(", ")", "\"", "😀", "👍🏽", "🇩🇪", "\u200d", "<|x|>", "\\", "{%"]


def cut(rules, text):
    steps = [pre_tokenizers.Split(Regex(r), "isolated") for r in rules]
    return [piece for piece, _ in pre_tokenizers.Sequence(steps).pre_tokenize_str(text)]


random.seed(1)
texts = ["".join(random.choices(ATOMS, k=random.randint(1, 12))) for _ in range(150)]
print(json.dumps({"texts": texts, "rules": {name: [cut(rules, t) for t in texts] for name, rules in RULES.items()}}, ensure_ascii=True, separators=(",", ":")))
