import pytest
import torch

from ganeval.errors import InputError
from trainers._base import Task
from trainers.batches import Batch
from trainers.chance import generator
from trainers.data import DATA
from trainers.losses import LOSSES
from trainers.nets import NETS
from trainers.systems import CONDITIONINGS


def system(conditioning, *, data="synthlin6", nets="lin", loss="gan", noise=6):
    task = Task(NETS[nets], LOSSES[loss], DATA[data], noise=noise, width=1 / 16)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = CONDITIONINGS[conditioning](task)
        for _, p in made.named_parameters():
            if p.ndim > 1:  # DCGAN's first weights are so small that all outputs look alike
                torch.nn.init.normal_(p, 0, p[0].numel() ** -0.5)
    return made


def cells(n):
    return Batch(torch.rand(n, 2, 48, 80) * 2 - 1, torch.arange(n) % 6)


def test_a_label_changes_both_sides_of_a_cgan():
    cgan = system("concat").eval()
    z, y = torch.randn(3, 6), torch.tensor([0, 0, 0])
    assert (cgan.pictures(z, y) - cgan.pictures(z, y + 1)).abs().max() > 1e-4
    real = cells(3)
    one = cgan.score(cgan.seen(real), real.y)
    two = cgan.score(cgan.seen(Batch(real.x, (real.y + 1) % 6)), real.y)
    assert (one - two).abs().max() > 1e-5


@pytest.mark.parametrize("loss", ["gan", "sngan"])
@pytest.mark.parametrize(
    ("name", "share", "unconditional"),
    [("projection", 1.0, False), ("projection-miyato", 1.0, True), ("projection-mean", 0.5, True)],
)
def test_projection_is_an_inner_product(name, share, unconditional, loss):
    """<V_y, phi> (+ psi) from the trunk's features, by hand; rectified only beside psi."""
    net = system(name, loss=loss).eval()
    real = cells(4)
    with torch.nn.utils.parametrize.cached():  # one power iteration for both
        score = net.score(net.seen(real), real.y)
        features = net.d.trunk(real.x)
        phi = (features.clamp(min=0) if unconditional else features).sum((2, 3))
        v = net.d.embed.weight
        expected = torch.stack([v[:, y] @ p for y, p in zip(real.y, phi, strict=True)])
        if unconditional:
            expected = expected + net.d.psi(phi)[:, 0]
    assert (net.d.psi is not None) == unconditional and score.abs().max() > 0.01
    torch.testing.assert_close(score, share * expected, rtol=1e-4, atol=1e-5)


def test_masking_hides_other_classes_and_stops_their_gradient():
    net = system("multichannel")
    z, y = torch.randn(4, 6), torch.tensor([0, 1, 5, 2])
    fake = net.generate(z, y)
    assert fake.x.shape == (4, 7, 48, 80)
    for image, k in zip(fake.x, y, strict=True):
        shown = {0, 1 + int(k)}  # red is every class'
        for channel in range(7):
            assert (image[channel].abs().max() > 0) == (channel in shown)
    last = [m for m in net.g.modules() if isinstance(m, torch.nn.ConvTranspose2d)][-1]
    (gradient,) = torch.autograd.grad(net.generate(z[:1], y[:1]).x.sum(), last.weight)
    touched = gradient.abs().sum((0, 2, 3)) > 0
    assert touched.tolist() == [True, True, False, False, False, False, False]


def test_real_images_take_their_class_channels():
    net, real = system("multichannel"), cells(6)
    wide = net.real(real).x
    for i in range(6):
        assert torch.equal(wide[i, 0], real.x[i, 0])
        assert torch.equal(wide[i, 1 + i], real.x[i, 1])
        assert wide[i].abs().sum((1, 2)).count_nonzero() == 2
    colour = system("multichannel", data="cifar10", nets="cifar")
    photo = Batch(torch.rand(2, 3, 32, 32), torch.tensor([3, 9]))
    wide = colour.real(photo).x
    assert wide.shape == (2, 30, 32, 32) and torch.equal(wide[1, 27:], photo.x[1])


@pytest.mark.parametrize(("name", "nets"), [("multichannel", "lin"), ("star", "lin-star")])
def test_all_proteins_of_the_same_cell(name, nets):
    net = system(name, nets=nets).eval()
    z = torch.randn(3, 6)
    everything = net.everything(z)
    assert everything.shape == (3, 6, 2, 48, 80)
    assert (everything[:, :1, 0] == everything[:, :, 0]).all()
    for k in range(6):
        chosen = net.pictures(z, torch.full((3,), k))
        torch.testing.assert_close(chosen, everything[:, k])


@pytest.mark.parametrize(("name", "nets"), [("one-class", "lin"), ("star", "lin-star")])
def test_a_class_is_scored_by_its_own_discriminator(name, nets):
    net = system(name, nets=nets).eval()
    real = Batch(torch.rand(7, 2, 48, 80), torch.tensor([3, 0, 3, 5, 1, 2, 0]))
    scores = net.score(real.x, real.y)
    for i in range(7):
        alone = net.d[int(real.y[i])](real.x[i : i + 1])
        torch.testing.assert_close(scores[i : i + 1], alone)


def test_classes_share_nothing_in_one_class():
    """The loss of one class has no gradient in another's nets."""
    net = system("one-class")
    z, y = net.draw(2, generator(0, "test"))
    assert y.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    fake = net.generate(z, y)
    ours = net.task.loss.g(net.score(fake.x, fake.y)[:2])
    gradients = torch.autograd.grad(ours, list(net.g.parameters()), allow_unused=True)
    own = len(list(net.g[0].parameters()))
    assert all(g is not None and g.abs().max() > 0 for g in gradients[:own])
    assert all(g is None or g.abs().max() == 0 for g in gradients[own:])


@pytest.mark.parametrize(
    ("conditioning", "data", "nets", "message"),
    [
        ("concat", "gaussians", "toy", "needs classes"),
        ("multichannel", "gaussians-rows", "toy", "needs images"),
        ("star", "synthlin6", "lin", "use nets 'lin-star'"),
        ("star", "mnist", "dcgan", "images of two channels"),
    ],
)
def test_what_makes_no_sense_is_refused(conditioning, data, nets, message):
    with pytest.raises(InputError, match=message):
        system(conditioning, data=data, nets=nets)
