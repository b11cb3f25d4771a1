"""Pairs of generator and discriminator by name.

A builder takes a `Plan` (inputs and outputs) and returns both nets with new random weights:

- a generator maps a code [n, plan.code] to [n, plan.channels, h, w] in [-1, 1] (or to points
  [n, plan.channels]); a star maps it to [n, plan.n_classes, 2, h, w];
- a discriminator is a `Discriminator`: `trunk` maps images with plan.seen channels to features
  [n, c, h, w] (or [n, c]), and `head` scores them.
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
