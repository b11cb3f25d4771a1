"""FID of a generator while it trains, with the reals embedded once.

    python examples/score_in_training_loop.py

The generator here is one layer that learns the mean digit; put yours in its place. The evaluator
writes nothing to disk and leaves random numbers, grad mode and precision as it found them.
"""

import torch

import ganeval


def main() -> None:
    """Trains for 60 steps and scores every 20."""
    torch.manual_seed(0)
    digits = torch.rand(512, 1, 28, 28).pow(3) * 2 - 1  # replace with your training images
    generator = torch.nn.Sequential(torch.nn.Linear(16, 784), torch.nn.Tanh())
    optimizer = torch.optim.Adam(generator.parameters(), lr=0.01)

    real = ganeval.open_images(digits, value_range=(-1, 1))
    evaluator = ganeval.Evaluator(real, feature_net="mnist", metrics=["fid"], value_range=(-1, 1))
    for step in range(1, 61):
        fake = generator(torch.randn(64, 16)).view(-1, 1, 28, 28)
        loss = (fake.mean(0) - digits.mean(0)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 20 == 0:
            with torch.no_grad():
                for _ in range(4):
                    evaluator.update(generator(torch.randn(128, 16)).view(-1, 1, 28, 28))
            print(f"step {step}: {evaluator.compute(step=step)['fid']}")
            evaluator.reset()


if __name__ == "__main__":
    main()
