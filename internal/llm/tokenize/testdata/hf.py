"""Writes hf-*.json: small tokenizers and what the tokenizers library makes of texts.

Each file holds the text of a tokenizer.json, trained here on the sentences
below, and the ids for some texts. Needs the PyPI package tokenizers.
"""

import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CORPUS = [
    "The miller ground 120 sacks of rye before noon, and 45 after it.",
    "She said: \"it's raining, isn't it?\" They'll never know; we've told nobody.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "    indented lines\n\tand tabs\r\n\r\nand empty ones   ",
    "def area(r):\n    return 3.14159 * r ** 2\n",
    "the the the that there then they them these miller mill milling",
    "日本語 と 中文 и русский текст",
] * 3
TEXTS = ["", "the miller", " The  mill\n\nthere   ", "it's 1234567 o'clock, isn't IT?", "größer 日本 😀 é", "<|im_start|>user\nthe<|im_end|>", "x\t\ty  z\r\n", "unseen: ЖЩ ∑ \u200b"]
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SPECIAL = [AddedToken("<s>", special=True), AddedToken("<|im_start|>", special=True), AddedToken("<|im_end|>", special=True), AddedToken("<tab>", special=False)]


def byte_level(pre, ignore_merges=False):
    t = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    t.pre_tokenizer = pre
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=420, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    t.add_tokens(SPECIAL)
    return t


def metaspace():
    t = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    t.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=480, special_tokens=["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)], show_progress=False))
    t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    t.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    raw = json.loads(t.to_str())
    # Trained files list byte tokens as special; published ones keep them out.
    raw["added_tokens"] = [a for a in raw["added_tokens"] if not a["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(raw))


def write(name, t):
    cases = []
    for text in TEXTS:
        with_special = t.encode(text, add_special_tokens=True).ids
        cases.append({"text": text, "ids": with_special})
    with open(f"hf-{name}.json", "w") as f:
        json.dump({"tokenizer": json.loads(t.to_str()), "cases": cases}, f, ensure_ascii=False, separators=(",", ":"))


write("llama3", byte_level(pre_tokenizers.Sequence([
    pre_tokenizers.Split(Regex(LLAMA3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]), True))
write("digits", byte_level(pre_tokenizers.Sequence([
    pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])))
write("metaspace", metaspace())
