"""Tests of the data and of the export. Run with `python -m pytest tools/train`; what needs PyTorch is skipped without it."""

import random
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import grammar  # noqa: E402
import plots  # noqa: E402


@pytest.mark.parametrize("plot", plots.PLOTS, ids=lambda p: p.__name__)
def test_plot_leaves_no_marks(plot):
    """Every plot, with many casts: no template mark and no broken sentence may reach the text."""
    for seed in range(60):
        rng = random.Random(seed)
        cast = grammar.scene(rng)
        groups = [[t for t in group if t] for group in plot(cast, rng)]
        text = "\n".join(grammar.tidy(" ".join(grammar.expand(t, cast, rng) for t in group)) for group in groups)
        assert not re.search(r"[\[\]{}|]", text), text
        assert not re.search(r"\ba [aeiou](?!ne\b)|  |\.\.|,,| ,", text), text
        assert text.count('"') % 2 == 0, text


def test_story_depends_on_its_seed_only():
    assert plots.story(random.Random(5)) == plots.story(random.Random(5))
    assert len({plots.story(random.Random(n)) for n in range(200)}) == 200


def test_export_agrees_with_reference(tmp_path):
    """A small model with random weights, written as GGUF and read by code that shares nothing with it."""
    torch = pytest.importorskip("torch")
    spm = pytest.importorskip("sentencepiece")
    import export
    import prepare
    import reference
    from model import Config, Llama

    stories = [plots.story(random.Random(n)) for n in range(300)]
    prepare.train_tokenizer(stories, 512, tmp_path / "t.model")
    sp = spm.SentencePieceProcessor(model_file=str(tmp_path / "t.model"))
    cfg = Config(vocab=512, dim=64, layers=2, heads=8, kv_heads=2, ffn=96, context=160)
    torch.manual_seed(3)
    model = Llama(cfg)
    for p in model.parameters():
        if p.dim() > 1:
            p.data = (p.data * 8).half().float()
    export.write(tmp_path / "m.gguf", export.metadata(cfg, sp, "test"), export.tensors(model.state_dict()))

    meta, weights = reference.load(tmp_path / "m.gguf")
    assert meta["tokenizer.ggml.tokens"][7] == sp.id_to_piece(7)
    ids = sp.encode(stories[0])[:150]
    with torch.no_grad():
        ours = model(torch.tensor([ids]))[0].numpy()
    assert abs(ours - reference.logits(meta, weights, ids)).max() < 1e-3


def test_orthogonal_updates():
    """Muon's update has singular values near 1, whatever the gradient's were."""
    torch = pytest.importorskip("torch")
    from muon import orthogonal

    torch.manual_seed(1)
    values = torch.linalg.svdvals(orthogonal(torch.randn(2, 64, 32)))
    assert values.min() > 0.4 and values.max() < 1.4
