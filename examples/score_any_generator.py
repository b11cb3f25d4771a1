"""Score any PyTorch generator: anything that makes images from noise.

    python examples/score_any_generator.py

Nothing is written to disk; the real images here are simulated yeast, but yours can be a folder.
"""

import torch
from torch import nn

import ganeval
from ganeval.datasets.synthlin import simulate

torch.manual_seed(0)
generator = nn.Sequential(  # put yours here; it draws [n, 2, 48, 80] in [-1, 1]
    nn.Linear(16, 2 * 12 * 20), nn.Unflatten(1, (2, 12, 20)), nn.Upsample(scale_factor=4), nn.Tanh()
)
real = torch.from_numpy(simulate("Arp3", 200).images)
with torch.no_grad():
    fake = torch.cat([generator(torch.randn(50, 16)) for _ in range(4)])

fakes = ganeval.open_images(fake, value_range=(-1, 1))
print(ganeval.fid(real, fakes, feature_net="lin41"))
print(ganeval.kid(real, fakes, feature_net="lin41"))
