import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganeval.nets._network import MIN_SIZE, default_widths, make_trunk


def trunk(*, channels=1, widths=(4, 8), dim=5, classes=3, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return make_trunk(
        channels=channels, widths=widths, dim=dim, classes=classes, generator=generator
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(MIN_SIZE, 50), st.integers(MIN_SIZE, 50))
def test_any_size_and_channel_count(channels, height, width):
    net = trunk(channels=channels, widths=default_widths((height, width))).eval()
    embedding, logits = net(torch.randn(2, channels, height, width))
    assert embedding.shape == (2, 5)
    assert logits.shape == (2, 3)
    assert torch.isfinite(embedding).all()


def test_the_embedding_is_standardised_and_has_both_signs():
    embedding, _ = trunk().train()(torch.randn(64, 1, 16, 16))
    torch.testing.assert_close(embedding.mean(0), torch.zeros(5), atol=1e-5, rtol=0)
    torch.testing.assert_close(embedding.std(0, correction=0), torch.ones(5), atol=1e-2, rtol=0)


def test_weights_follow_the_generator_and_not_the_global_one():
    before = torch.get_rng_state()
    one, same, other = trunk(seed=1), trunk(seed=1), trunk(seed=2)
    assert torch.equal(torch.get_rng_state(), before)
    images = torch.rand(4, 1, 8, 8)
    outputs = [net.eval()(images)[0] for net in (one, same, other)]
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_the_default_dtype_of_the_user_does_not_matter(dtype):
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(dtype)
        assert {p.dtype for p in trunk().parameters()} == {torch.float32}
    finally:
        torch.set_default_dtype(before)


def test_larger_images_get_more_stages():
    depths = [len(default_widths((side, 40))) for side in (32, 64, 65, 200, 500)]
    assert depths == [3, 3, 4, 5, 6]
