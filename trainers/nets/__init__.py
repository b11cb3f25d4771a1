"""Pairs of generator and discriminator by name.

A builder takes a `Plan` (what goes in and out) and gives both nets with fresh weights:

- a generator takes a code [n, plan.code] and gives [n, plan.channels, h, w] in [-1, 1] (or points
  [n, plan.channels]); a star gives [n, plan.n_classes, 2, h, w];
- a discriminator is a `Discriminator`: `trunk` gives features [n, c, h, w] (or [n, c]) of images
  with plan.seen channels, and `head` scores them.
"""

from trainers.nets._base import NETS, Discriminator, Plan
from trainers.nets.cifar import cifar
from trainers.nets.dcgan import dcgan, dcgan_plain
from trainers.nets.lin import lin
from trainers.nets.mnist_wgan import mnist_wgan
from trainers.nets.separable import lin_separable
from trainers.nets.stackgan import stackgan
from trainers.nets.star import lin_star
from trainers.nets.toy import toy

NETS.add("toy", toy)
NETS.add("dcgan", dcgan)
NETS.add("dcgan-plain", dcgan_plain)
NETS.add("mnist-wgan", mnist_wgan)
NETS.add("cifar", cifar)
NETS.add("lin", lin)
NETS.add("lin-separable", lin_separable)
NETS.add("lin-star", lin_star)
NETS.add("stackgan", stackgan)

__all__ = ["NETS", "Discriminator", "Plan"]
